import java.io.File;
import java.util.Map;
import java.util.TreeMap;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** VeraCheck flavour,flavour file…: a line for each, and the rules that are broken. */
public class VeraCheck {
  public static void main(String[] given) {
    java.util.logging.LogManager.getLogManager().reset();
    VeraGreenfieldFoundryProvider.initialise();
    for (int place = 1; place < given.length; place++) {
      for (String flavour : given[0].split(",")) {
        System.out.println(verdict(flavour, given[place]));
      }
    }
  }

  private static String verdict(String name, String path) {
    PDFAFlavour flavour = PDFAFlavour.byFlavourId(name);
    try (PDFAParser parser = Foundries.defaultInstance().createParser(new File(path), flavour);
        PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
      ValidationResult result = validator.validate(parser);
      String word = result.isCompliant() ? "PASS" : "FAIL";
      return word + "\t" + name + "\t" + path + "\t" + broken(result).values();
    } catch (Exception trouble) {
      return "ERROR\t" + name + "\t" + path + "\t" + trouble;
    }
  }

  private static Map<String, String> broken(ValidationResult result) {
    Map<String, String> rules = new TreeMap<>();
    for (TestAssertion made : result.getTestAssertions()) {
      if (made.getStatus() == TestAssertion.Status.FAILED) {
        String rule = made.getRuleId().getClause() + "-" + made.getRuleId().getTestNumber();
        rules.putIfAbsent(rule, rule + " " + made.getMessage());
      }
    }
    return rules;
  }
}
