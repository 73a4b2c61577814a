#!/usr/bin/env bash
# Builds the images and runs them as compose.yaml does: other user, read-only, without rights, on networks of their own. Takes a picture from
# upload to group, looks at the walls around decoders, restarts and stops every service. Leaves the images, and nothing else.
#   check.sh [--no-build]     CPF_ENGINE=docker in place of podman; ends with 77 where there is no engine
# Where no registry is reached, stand-ins/make.sh makes what the images are built and run on; they are taken where they are.
# NUGET_CONFIG: a folder with a NuGet.Config for the build, where packages come from elsewhere.
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
engine=${CPF_ENGINE:-podman}
services="ingest embedder matcher joiner trainer"
version=${CPF_VERSION:-0.1.0}
picture=$root/infra/demo/pictures/0023-fe0f-20e3/google.png

say() { echo "check: $*"; }
fail() { echo "check: $*" >&2; exit 1; }
$engine version >/dev/null 2>&1 || { echo "check: skipped, there is no container engine ($engine)" >&2; exit 77; }

stands_in() { $engine image inspect "localhost/cpf-stand-in/$1" >/dev/null 2>&1; }
arguments=() postgres=docker.io/pgvector/pgvector:0.8.1-pg17 rabbitmq=docker.io/library/rabbitmq:4.1.4-management
if stands_in sdk:10.0; then
    say "stand-ins for the images of others"
    postgres=localhost/cpf-stand-in/pgvector:0.8 rabbitmq=localhost/cpf-stand-in/rabbitmq:3.10
    arguments=(--network host --build-arg SDK_IMAGE=localhost/cpf-stand-in/sdk:10.0 --build-arg DOTNET_IMAGE=localhost/cpf-stand-in/aspnet:10.0
        --build-arg BASE_IMAGE=localhost/cpf-stand-in/runtime-deps:10.0)
fi
case $($engine --version) in # In OCI's own format images have no health checks.
    podman*) arguments+=(--format docker --ignorefile "$here/Dockerfile.dockerignore") ;;
esac
[ -z "${NUGET_CONFIG:-}" ] || arguments+=(--volume "$NUGET_CONFIG:/etc/opt/NuGet/Config:ro") # where NuGet looks on every machine
if [ "${1:-}" != --no-build ]; then
    for name in $services tools; do
        $engine build -f "$here/Dockerfile" --target "$name" "${arguments[@]}" \
            --build-arg "COMMIT=$(git -C "$root" rev-parse HEAD)" -t "cpf/$name:$version" "$root" || fail "the image $name cannot be built"
    done
fi

work=$(mktemp -d) id=cpf-check-$$
finish() {
    code=$?
    for name in $services postgres rabbitmq; do
        [ $code = 0 ] || { echo "--- $name"; $engine logs --tail 20 "$id-$name" 2>&1 || true; } >&2
        $engine rm -f "$id-$name" || true
    done >/dev/null
    $engine network rm "$id-inside" "$id-outside" >/dev/null || true
    $engine volume rm "$id-data" "$id-erasures" "$id-postgres" "$id-rabbitmq" >/dev/null || true
    rm -rf "$work"
    exit $code
}
trap finish EXIT

"$root/infra/compose/make-secrets.sh" "$work/secrets" >/dev/null
secret() { echo "--volume=$work/secrets/$1:/run/secrets/$1:ro"; }
hardened=(--read-only --cap-drop=all --security-opt=no-new-privileges --tmpfs /tmp:mode=1777)
rights=(--cap-add=CHOWN --cap-add=DAC_OVERRIDE --cap-add=FOWNER --cap-add=SETGID --cap-add=SETUID)
service=("${hardened[@]}" --env Secrets__Folder=/run/secrets "$(secret ConnectionStrings__Postgres)" "$(secret ConnectionStrings__RabbitMq)")
owner=("${hardened[@]}" --rm --network "$id-inside" --env CPF_POSTGRES_FILE=/run/secrets/postgres_owner
    --env CPF_POSTGRES_SERVICE_FILE=/run/secrets/ConnectionStrings__Postgres --env CPF_POSTGRES_SUPERUSER_FILE=/run/secrets/postgres_superuser
    "$(secret postgres_owner)" "$(secret ConnectionStrings__Postgres)" "$(secret postgres_superuser)")
until_true() { # until_true SECONDS WHAT COMMAND...
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || fail "waited in vain until $what"
        sleep 1
    done
}
program() { echo "CpfPipeline.$(tr '[:lower:]' '[:upper:]' <<<"${1:0:1}")${1:1}.dll"; }
ask() { $engine exec "$id-$1" /usr/share/dotnet/dotnet "$(program "$1")" health; }

$engine network create --internal "$id-inside" >/dev/null
$engine network create "$id-outside" >/dev/null
$engine run --detach --name "$id-postgres" --network "$id-inside" --network-alias postgres "${hardened[@]}" "${rights[@]}" --tmpfs /run/postgresql --shm-size 1g \
    --env POSTGRES_PASSWORD_FILE=/run/secrets/postgres_superuser_password --env POSTGRES_INITDB_ARGS=--auth-host=scram-sha-256 \
    "$(secret postgres_superuser_password)" --volume "$id-postgres:/var/lib/postgresql/data" $postgres >/dev/null
$engine run --detach --name "$id-rabbitmq" --network "$id-inside" --network-alias rabbitmq --hostname rabbitmq --user rabbitmq "${hardened[@]}" --tmpfs /var/log/rabbitmq:mode=1777 \
    "$(secret rabbitmq_definitions.json)" --volume "$root/infra/compose/rabbitmq.conf:/etc/rabbitmq/conf.d/90-cpf.conf:ro" \
    --volume "$id-rabbitmq:/var/lib/rabbitmq" $rabbitmq >/dev/null
until_true 120 "PostgreSQL answers" $engine exec "$id-postgres" pg_isready -h 127.0.0.1 -U postgres -d postgres
until_true 180 "RabbitMQ answers" $engine exec "$id-rabbitmq" rabbitmq-diagnostics -q check_port_connectivity
$engine run "${owner[@]}" "cpf/tools:$version" migrate
key=$($engine run "${owner[@]}" "cpf/tools:$version" keys add check --role read --role submit 2>/dev/null | grep '^cpf_') || fail "no key"
(umask 077 && echo "Authorization: Bearer $key" >"$work/key.header")
say "ok: a database that was empty has the schema, and a key"

for name in $services; do
    more=(--network "$id-inside")
    case $name in
        ingest) more=(--network "$id-outside" --publish 127.0.0.1::8080 --env "AllowedHosts=127.0.0.1") ;;
        embedder) more+=(--env Embedder__Decoding__RequireWalls=true) ;;
    esac
    [ "$name" = joiner ] || more+=(--volume "$id-data:/data" --volume "$id-erasures:/erasures")
    $engine create --name "$id-$name" "${service[@]}" "${more[@]}" "cpf/$name:$version" >/dev/null
    [ "$name" != ingest ] || $engine network connect "$id-inside" "$id-$name"
    $engine start "$id-$name" >/dev/null
done
for name in $services; do until_true 180 "$name is ready" ask "$name"; done
say "ok: all services are ready"

walls=$($engine logs "$id-embedder" 2>&1 | grep -o 'Walls around them: .*') || fail "the Embedder does not tell its walls"
case ${walls#*does not give: } in "$walls" | network*) ;; *) fail "walls are missing. $walls" ;; esac
say "ok: $walls"

port=$($engine port "$id-ingest" 8080/tcp | head -n 1)
curl -sf -H "@$work/key.header" -F source=shop -F external_id=one -F "file=@$picture" "http://$port/images/upload" >/dev/null || fail "the upload failed"
matched() { curl -sf -H "@$work/key.header" "http://${port}/images/shop/one" | grep -q '"status":"matched"'; }
until_true 120 "the picture is matched" matched
say "ok: a picture from upload to group"

for name in $services; do
    $engine stop --time 30 "$id-$name" >/dev/null # then it is killed, which the code tells
    code=$($engine inspect "$id-$name" --format '{{.State.ExitCode}}')
    [ "$code" = 0 ] || fail "$name ended with $code when it was stopped"
    $engine start "$id-$name" >/dev/null
    until_true 180 "$name is ready again" ask "$name"
done
port=$($engine port "$id-ingest" 8080/tcp | head -n 1)
matched || fail "the picture is not matched any more"
say "ok: every service stops in order and starts again"
