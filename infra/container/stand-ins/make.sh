#!/usr/bin/env bash
# Makes stand-ins for the images of others, for a machine that reaches no registry: out of Debian's packages and this machine's .NET SDK.
#   make.sh          as root on Debian 12, with debootstrap, the .NET 10 SDK, and podman (or CPF_ENGINE=docker)
# They are named localhost/cpf-stand-in/NAME:VERSION, NAME and VERSION like the model's, and take some 2 GB. ../check.sh takes them where they are.
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
engine=${CPF_ENGINE:-podman}
fail() { echo "stand-ins: $*" >&2; exit 3; }
command -v debootstrap >/dev/null || fail "install debootstrap"
command -v dotnet >/dev/null || fail "install the .NET 10 SDK"
[ "$(id -u)" = 0 ] || fail "debootstrap needs root"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if ! $engine image inspect localhost/cpf-stand-in/debian:12.0 >/dev/null 2>&1; then
    # Where this machine has its own packages from.
    mirror=$(cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null | awk '/^URIs:/ { print $2; exit } /^deb / { for (i = 2; i <= NF; i++) if ($i ~ /^http/) { print $i; exit } }')
    debootstrap --variant=minbase bookworm "$work/debian" "$mirror" >"$work/log" 2>&1 || { tail -n 5 "$work/log" >&2; fail "debootstrap failed"; }
    rm -f "$work"/debian/var/cache/apt/archives/*.deb
    tar -C "$work/debian" -c . | $engine import - localhost/cpf-stand-in/debian:12.0
fi
mkdir "$work/host"
cp -a "$(dirname "$(readlink -f "$(command -v dotnet)")")" "$work/host/dotnet"
cp -rL /etc/ssl/certs "$work/host/certs"
cp "$here/../../local/pgvector.sh" "$work/host/"

stand_in() { # stand_in STAGE NAME:VERSION
    $engine build --network host --build-context "host=$work/host" -f "$here/Containerfile" --target "$1" -t "localhost/cpf-stand-in/$2" "$here"
}
stand_in sdk sdk:10.0
stand_in dotnet aspnet:10.0
stand_in runtime-deps runtime-deps:10.0
stand_in pgvector pgvector:0.8
stand_in rabbitmq rabbitmq:3.10
stand_in prometheus prometheus:2.42
