# Sourced by bin/run and bin/test: what both need before they start.
# Everything here may be run again and does only what is still missing.

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
stop() { printf 'bin/%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

library() { python3 -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1" 2>/dev/null; }

# Is what this Debian package brings already here, wherever it came from?
present() {
  case $1 in
    python3) command -v python3 ;;
    python3-venv) python3 -c 'import ensurepip, venv' ;;
    libpangoft2-1.0-0) library libpangoft2-1.0.so.0 ;;
    libharfbuzz-subset0) library libharfbuzz-subset.so.0 ;;
    chromium) command -v chromium ;;
    poppler-utils) command -v pdftotext ;;
    nodejs) command -v node ;;
    npm) command -v npm ;;
    softhsm2) command -v softhsm2-util && [ -e /usr/lib/softhsm/libsofthsm2.so ] ;;
    default-jdk-headless) command -v javac ;;
    libjaxb-java) [ -e /usr/share/java/jaxb-runtime.jar ] ;;
    postgresql) compgen -G '/usr/lib/postgresql/*/bin/initdb' ||
      [ -n "${REGISTRY_TEST_POSTGRESQL_URL:-}" ] ;;
    *) stop "no way to tell whether $1 is installed" ;;
  esac >/dev/null 2>&1
}

need_packages() {
  local missing=() name
  for name in "$@"; do present "$name" || missing+=("$name"); done
  [ ${#missing[@]} -eq 0 ] && return
  local install=(apt-get -qq -o=Dpkg::Use-Pty=0 --no-install-recommends -y install)
  if ! command -v apt-get >/dev/null; then
    stop "please install what these Debian packages bring: ${missing[*]}"
  elif [ "$(id -u)" -ne 0 ]; then
    stop "please install, then start again: sudo apt-get install ${missing[*]}"
  fi
  say "Installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update
  "${install[@]}" "${missing[@]}" >/dev/null
}

need_python() {
  need_packages python3 python3-venv
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "Python 3.11 or newer is needed; python3 here is $(python3 --version)"
  # A checkout that was moved takes a virtual environment along that no longer works.
  if ! .venv/bin/pip --version >/dev/null 2>&1; then
    say "Making a virtual environment in .venv"
    python3 -m venv --clear .venv
  fi
}

pip_install() { .venv/bin/pip --disable-pip-version-check -qq install "$@"; }

# once STAMP FILE… -- COMMAND…: run it unless it succeeded on these very files.
once() {
  local stamp=.venv/stamp-$1 files=() now
  shift
  while [ "$1" != -- ]; do files+=("$1"); shift; done
  shift
  now=$(cat "${files[@]}" | sha256sum)
  [ "$(cat "$stamp" 2>/dev/null)" = "$now" ] && return
  "$@"
  echo "$now" >"$stamp"
}

install_locked() {
  say "Installing the packages of $1, each checked against its hash"
  pip_install --require-hashes --no-deps --requirement "$1"
}

install_registry() {
  say "Installing the registry itself, from this folder"
  pip_install --no-deps --no-build-isolation --editable .
}

# Libraries of others that verify our credentials, each checked against its hash.
install_verifiers() {
  node -e 'process.exit(+(process.versions.node.split(".")[0] < 18))' ||
    stop "Node.js 18 or newer is needed; node here is $(node --version)"
  say "Installing the packages of tests/credential, each checked against its hash"
  npm ci --prefix tests/credential --ignore-scripts --no-audit --no-fund --silent
}

set_up() {
  need_packages python3 python3-venv libpangoft2-1.0-0 libharfbuzz-subset0
  need_python
  once runtime requirements.txt -- install_locked requirements.txt
  once registry pyproject.toml hatch_build.py -- install_registry
  .venv/bin/python -c 'from registry.paths import TRANSLATIONS
from registry.translations import compile_all
compile_all(TRANSLATIONS)'
  export PATH="$PWD/.venv/bin:$PATH"
}
