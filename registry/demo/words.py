"""What the people of the demo world write; in Italian, as they would."""

from registry.decisions.models import Outcome

DECLARATION = (
    "Il legale rappresentante dichiara, ai sensi degli articoli 46 e 47 del d.P.R. "
    "445/2000, che quanto esposto è vero."
)
SUMMARY = (
    "I documenti corrispondono a quanto dichiarato. I numeri dei lavoratori coincidono "
    "con il riepilogo dei contributi; date e presenze delle assemblee sono state lette "
    "negli estratti dei verbali."
)
DELEGATES = (
    *("Sofia Arrighettini", "Michele Donadellini", "Aurora Pescarolini"),
    *("Filippo Bragantini", "Noemi Cattabrigini"),
)
RECUSED = "Incarico di consulenza concluso l’anno scorso."
RESERVE = "La revisione dell’anno in corso è stata richiesta e non è ancora avvenuta."
MINOR = (
    "L’attestazione dei corsi non riporta il totale delle ore di ciascun partecipante."
)
CONDITIONS = (
    "Entro novanta giorni, trasmettere l’attestazione dei corsi con il totale delle "
    "ore di ciascuno."
)
RESERVE_CONDITIONS = (
    "Trasmettere l’attestazione di revisione entro la fine del periodo in corso."
)
NOT_MET = {
    "contract": (
        "A una parte dei lavoratori si applica il contratto T149, che nessuna delle "
        "tre centrali cooperative ha firmato."
    ),
    "quality": (
        "Il percorso di certificazione è stato avviato più di ventiquattro mesi fa e "
        "non ha portato a un certificato."
    ),
}
REASONS = {
    Outcome.GRANTED: (
        "Esaminati il rapporto e i documenti: tutti i requisiti sono soddisfatti."
    ),
    Outcome.GRANTED_WITH_CONDITIONS: (
        "Esaminati il rapporto e i documenti: i requisiti sono soddisfatti, con un "
        "punto da completare."
    ),
    Outcome.REFUSED: (
        "Un requisito obbligatorio non è soddisfatto. La domanda si può ripresentare "
        "in ogni momento, quando la situazione sarà cambiata."
    ),
}
COMPLETION = (
    "Nell’attestazione caricata non si leggono le ore dei corsi: caricarne una copia "
    "completa, senza nomi."
)
COMPLETION_AGAIN = (
    "Manca ancora la pagina con la data del riepilogo dei contributi: caricare il "
    "documento per intero."
)
DECLINED = (
    "Il registro riguarda le cooperative sociali di tipo B e quelle di produzione e "
    "lavoro: una cooperativa di consumo non rientra nel suo campo."
)
SENT_BACK = (
    "Precisare nel rapporto come sono stati contati i lavoratori: soci e dipendenti "
    "sono indicati insieme."
)
RATIFIED = "La verifica annuale non è stata presentata entro la tolleranza."
WITHDRAWN = (
    "Dopo sei mesi di sospensione la verifica non è stata presentata, e i solleciti "
    "sono rimasti senza risposta."
)
