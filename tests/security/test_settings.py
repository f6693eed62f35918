"""A wrong setting stops the start by its name; production is never half safe."""

import pytest

from registry.settings import BadSettings, Settings

SAFE = {
    "REGISTRY_ENVIRONMENT": "production",
    "REGISTRY_SECRET_KEY": "k7Fq0ZpX2vLr9TbYw4Nc8MhDs6JgUeRa",
    "REGISTRY_TOTP_KEY": "Wz3Vt8KyQ1mPo5XiB7nLd2HcFu9SgEjT",
    "REGISTRY_BASE_URL": "https://registro.example.org",
}


def test_a_production_with_everything_starts() -> None:
    assert Settings.from_environ(SAFE).production


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REGISTRY_ENVIRONMENT", "staging"),
        ("REGISTRY_SECRET_KEY", ""),
        ("REGISTRY_SECRET_KEY", "short"),
        ("REGISTRY_SECRET_KEY", "a" * 40),
        ("REGISTRY_SECRET_KEY", "demo-only-demo-only-demo-only-demo-only-"),
        ("REGISTRY_TOTP_KEY", "short"),
        ("REGISTRY_TOTP_KEY", SAFE["REGISTRY_SECRET_KEY"]),
        ("REGISTRY_BASE_URL", "http://registro.example.org"),
        ("REGISTRY_BASE_URL", "registro.example.org"),
        ("REGISTRY_BASE_URL", "https://registro.example.org/path?x=1"),
        ("REGISTRY_BASE_URL", "https://user:pass@registro.example.org"),
        ("REGISTRY_DATABASE_URL", "mysql://x/y"),
        ("REGISTRY_DATABASE_URL", "nonsense"),
        ("REGISTRY_SMTP_URL", "http://mail.example.org"),
        ("REGISTRY_SMTP_URL", "mail.example.org"),
        ("REGISTRY_MAIL_FROM", "nobody"),
        ("REGISTRY_PROXIES", "two"),
        ("REGISTRY_PROXIES", "-1"),
        ("REGISTRY_RATE_LIMITS", "perhaps"),
        ("REGISTRY_RATE_LIMITS", "0"),
        ("REGISTRY_CLOCK_SHIFT_DAYS", "30"),
        ("REGISTRY_CLOCK_SHIFT_DAYS", "soon"),
        ("REGISTRY_SEAL_LEVEL", "B-Z"),
        ("REGISTRY_NO_SUCH_THING", "1"),
    ],
)
def test_a_wrong_setting_stops_the_start_by_its_name(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=name):
        Settings.from_environ(SAFE | {name: value})


def test_where_only_some_words_are_known_they_are_told() -> None:
    with pytest.raises(BadSettings, match="give one of production, demo, test"):
        Settings.from_environ(SAFE | {"REGISTRY_ENVIRONMENT": "development"})


def test_the_message_never_repeats_a_secret() -> None:
    for name in ("REGISTRY_SECRET_KEY", "REGISTRY_TOTP_KEY", "REGISTRY_SMTP_URL"):
        with pytest.raises(BadSettings) as caught:
            Settings.from_environ(SAFE | {name: "s3cret"})
        assert "s3cret" not in str(caught.value)
