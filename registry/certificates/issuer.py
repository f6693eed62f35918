"""Who issues: what the settings and the seal in use say."""

from flask_babel import force_locale, gettext

from registry.certificates.facts import Issuer
from registry.services import services


def the_issuer(language: str = "it") -> Issuer:
    """Who signs, by the settings and the seal in use; paper is Italian unless asked."""
    doors = services()

    def say(word: str) -> str:
        with force_locale(language):
            return str(gettext(word))

    return Issuer(
        body=doors.settings.body_name,
        signatory=doors.settings.signatory_name,
        office=doors.settings.signatory_office,
        base_url=doors.settings.base_url,
        development_seal=doors.seal.development,
        say=say,
        language=language,
    )
