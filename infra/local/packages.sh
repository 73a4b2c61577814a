#!/usr/bin/env bash
# Installs what the local servers and the tests need and is missing, with the system's package manager.
#   packages.sh [postgres] [rabbitmq] [chromium] [promtool]
# Silent when nothing is missing. Output of the package manager goes to stdout; the last line on stderr is the error, if any.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)

fail() { echo "cpf: $*" >&2; exit 3; }

# Newest PostgreSQL that has both the server and the vector extension; prints its major version.
postgres_with_vector() {
    local dir version
    for dir in $(ls -d /usr/lib/postgresql/*/ 2>/dev/null | sort -t/ -k5 -rV); do
        version=$(basename "$dir")
        if [ -x "$dir/bin/postgres" ] && [ -x "$dir/bin/initdb" ] && [ -f "/usr/share/postgresql/$version/extension/vector.control" ]; then
            echo "$version"
            return 0
        fi
    done
    return 1
}

# Newest PostgreSQL server, with or without the extension.
postgres_installed() {
    local dir
    for dir in $(ls -d /usr/lib/postgresql/*/ 2>/dev/null | sort -t/ -k5 -rV); do
        if [ -x "$dir/bin/postgres" ] && [ -x "$dir/bin/initdb" ]; then
            basename "$dir"
            return 0
        fi
    done
    return 1
}

rabbitmq_installed() {
    ls -d /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server >/dev/null 2>&1
}

chromium_installed() {
    [ -x /usr/bin/chromium ]
}

promtool_installed() {
    command -v promtool >/dev/null
}

want_postgres=false want_rabbitmq=false want_chromium=false want_promtool=false
for word in "$@"; do
    case $word in
        postgres) postgres_with_vector >/dev/null || want_postgres=true ;;
        rabbitmq) rabbitmq_installed || want_rabbitmq=true ;;
        chromium) chromium_installed || want_chromium=true ;;
        promtool) promtool_installed || want_promtool=true ;;
        *) fail "packages.sh: unknown word $word" ;;
    esac
done
$want_postgres || $want_rabbitmq || $want_chromium || $want_promtool || exit 0

# From here on something is missing. What a person would have to install, in one phrase.
phrase=""
$want_postgres && phrase="the packages postgresql and pgvector"
$want_rabbitmq && phrase="${phrase:+$phrase and }the package rabbitmq-server"
$want_chromium && phrase="${phrase:+$phrase and }the package chromium"
$want_promtool && phrase="${phrase:+$phrase and }the package prometheus"

command -v apt-get >/dev/null || fail "install $phrase: this system has no apt-get, so it cannot be done for you"
if [ "$(id -u)" = 0 ]; then
    as_root() { "$@"; }
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root() { sudo -n "$@"; }
else
    fail "install $phrase: this needs root, or sudo without a password"
fi

# One installer at a time on this machine, also when two checkouts start together.
exec 8</var/lib/dpkg
flock -n 8 || { echo "cpf: waits for another installation on this machine" >&2; flock 8; }
export DEBIAN_FRONTEND=noninteractive

candidate() { # candidate PACKAGE: succeeds when apt can install it
    apt-cache policy "$1" 2>/dev/null | grep -q '^ *Candidate: [^(]'
}

updated=false
apt_update() {
    $updated && return 0
    updated=true
    as_root apt-get -o DPkg::Lock::Timeout=300 update 8<&- || fail "apt-get update failed: install $phrase by hand"
}

# Debian's packages start system-wide servers when they are installed. Ours are private: keep those from starting.
policy=/usr/sbin/policy-rc.d
cluster=/etc/postgresql-common/createcluster.d/cpf-pipeline.conf
made_policy=false made_cluster=false
restore() {
    $made_policy && { as_root rm -f "$policy"; [ ! -e "$policy.cpf-saved" ] || as_root mv "$policy.cpf-saved" "$policy"; }
    $made_cluster && as_root rm -f "$cluster"
    [ -z "${build:-}" ] || rm -rf "$build"
}
trap restore EXIT
trap 'exit 3' INT TERM HUP
quiet_services() {
    if grep -qs cpf-pipeline "$policy"; then
        made_policy=true # left over from an installation that was killed
    elif [ ! -x "$policy" ] || { "$policy" postgresql start >/dev/null 2>&1; [ $? != 101 ]; }; then
        made_policy=true
        [ ! -e "$policy" ] || as_root mv "$policy" "$policy.cpf-saved"
        printf '#!/bin/sh\n# cpf-pipeline: while packages are being installed\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    if ! postgres_installed >/dev/null && [ ! -e "$cluster" ]; then
        made_cluster=true
        as_root mkdir -p "$(dirname "$cluster")"
        echo 'create_main_cluster = false' | as_root tee "$cluster" >/dev/null
    fi
}

install() {
    quiet_services
    as_root apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@" 8<&-
}

# The index may be empty or older than the mirror: refresh and try once more.
install_or_fail() {
    local word
    for word in "$@"; do candidate "${word%%=*}" || { apt_update; break; }; done
    install "$@" && return 0
    $updated || { apt_update; install "$@" && return 0; }
    fail "apt-get could not install $*: install $phrase by hand"
}

wanted=()
$want_rabbitmq && wanted+=(rabbitmq-server)
$want_chromium && wanted+=(chromium)
$want_promtool && wanted+=(prometheus) # Nothing of it but promtool is used.
if $want_postgres; then
    candidate postgresql || apt_update
    if ! version=$(postgres_installed); then
        version=$(apt-cache depends postgresql 2>/dev/null | sed -n 's/.*Depends: postgresql-\([0-9]\+\)$/\1/p' | head -1)
        [ -n "$version" ] || fail "apt knows no package postgresql: install $phrase by hand"
        wanted+=("postgresql-$version")
    fi
    if candidate "postgresql-$version-pgvector"; then
        wanted+=("postgresql-$version-pgvector")
        build_vector=false
    else
        build_vector=true
    fi
fi
if [ ${#wanted[@]} -gt 0 ]; then install_or_fail "${wanted[@]}"; fi

if $want_postgres && $build_vector; then
    tools=()
    command -v gcc >/dev/null || tools+=(gcc)
    command -v make >/dev/null || tools+=(make)
    [ -e /usr/include/stdio.h ] || tools+=(libc6-dev)
    if [ ! -e "/usr/lib/postgresql/$version/lib/pgxs/src/makefiles/pgxs.mk" ] || [ ! -e "/usr/include/postgresql/$version/server/postgres.h" ]; then
        # The headers of the server that is there, so that a server someone else runs is not upgraded under them.
        headers=postgresql-server-dev-$version
        candidate "$headers" || apt_update
        have=$(dpkg-query -W -f '${Version}' "postgresql-$version" 2>/dev/null)
        if [ -n "$have" ] && apt-cache madison "$headers" | grep -qF " $have "; then headers+="=$have"; fi
        tools+=("$headers")
    fi
    if [ ${#tools[@]} -gt 0 ]; then install_or_fail "${tools[@]}"; fi
    build=$(mktemp -d)
    bash "$here/pgvector.sh" "$version" "$build" 8<&- || fail "pgvector could not be built: install the package postgresql-$version-pgvector"
    as_root make -C "$build/source" with_llvm=no PG_CONFIG="/usr/lib/postgresql/$version/bin/pg_config" install || fail "pgvector could not be installed"
fi

case " $* " in *" postgres "*) postgres_with_vector >/dev/null || fail "install the packages postgresql and pgvector: apt did not bring them" ;; esac
case " $* " in *" rabbitmq "*) rabbitmq_installed || fail "install the package rabbitmq-server: apt did not bring it" ;; esac
case " $* " in *" promtool "*) promtool_installed || fail "install the package prometheus: apt did not bring promtool" ;; esac
case " $* " in *" chromium "*) chromium_installed || fail "install the package chromium: apt did not bring it" ;; esac
exit 0
