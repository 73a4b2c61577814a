#!/usr/bin/env bash
# The private PostgreSQL server of this checkout.
#   postgres.sh start LOG      starts it (makes the cluster first) and returns when it takes connections; safe to call twice
# Environment: CPF_HOME (the state folder), CPF_POSTGRES_PORT, CPF_POSTGRES_PASSWORD (of the superuser `postgres`, also set on a
# cluster whose password was lost when CPF_POSTGRES_RESET=1), CPF_POSTGRES_OUTSIDE (folder for the data where user postgres cannot
# reach the state folder), CPF_THROWAWAY (not empty: the data is for tests; see below). Stopping is a signal, sent by the command line.
set -u
fail() { echo "cpf: $*"; exit 3; }
[ "${1:-}" = start ] && [ $# = 2 ] || { echo "usage: postgres.sh start LOG" >&2; exit 2; }
exec </dev/null >>"$2" 2>&1
cd / || exit 3
export LC_ALL=C.UTF-8
root=$CPF_HOME/postgres
mkdir -p "$root"

# PostgreSQL refuses to run as root, so root's server runs as user postgres. The checkout may lie where that user cannot go (a folder
# of mode 0700): then it keeps the one capability that lets it walk there, or else its data lives outside.
run=()
if [ "$(id -u)" = 0 ]; then
    getent passwd postgres >/dev/null || fail "there is no user postgres to run the server as: install the package postgresql-common"
    drop=(setpriv --reuid=postgres --regid=postgres --init-groups)
    if [ -L "$root" ]; then run=("${drop[@]}"); else
        chown postgres: "$root" && chmod 700 "$root"
        for keep in none dac_read_search dac_override; do
            run=("${drop[@]}")
            [ "$keep" = none ] || run+=("--inh-caps=+$keep" "--ambient-caps=+$keep")
            if "${run[@]}" stat "$root/." >/dev/null 2>&1; then break; fi
            run=()
        done
        if [ ${#run[@]} = 0 ]; then
            [ ! -e "$root/data" ] || fail "user postgres cannot reach $root: let it pass through the folders above"
            mkdir -p "$CPF_POSTGRES_OUTSIDE" && chown postgres: "$CPF_POSTGRES_OUTSIDE" && chmod 700 "$CPF_POSTGRES_OUTSIDE" || fail "cannot make $CPF_POSTGRES_OUTSIDE"
            rmdir "$root" && ln -s "$CPF_POSTGRES_OUTSIDE" "$root"
            run=("${drop[@]}")
        fi
    fi
    run+=(env "HOME=/")
fi
data=$(readlink -f "$root")/data

ours() { # ours PID: is it a postgres process of this cluster?
    case "$(readlink "/proc/$1/exe" 2>/dev/null)" in */bin/postgres*) ;; *) return 1 ;; esac
    [ "$(readlink "/proc/$1/cwd" 2>/dev/null)" = "$data" ]
}
quit_ours() {
    local proc pid
    for proc in /proc/[0-9]*; do
        pid=${proc#/proc/}
        if ours "$pid"; then
            kill -QUIT "$pid" 2>/dev/null
            for _ in $(seq 100); do ours "$pid" || break; sleep 0.1; done
            ! ours "$pid" || kill -KILL "$pid"
        fi
    done
}

# A cluster that was made for tests never waits for the disk, so a crash of the machine may ruin it. It stays one for tests: whoever wants
# to keep data gets another.
if [ -f "$data/cpf.throwaway" ] && [ -z "${CPF_THROWAWAY:-}" ]; then
    quit_ours
    # A removal that is broken off must not leave what looks like a cluster to keep.
    rm -rf "$data.old" && mv "$data" "$data.old" && rm -rf "$data.old" || fail "cannot remove $data"
fi

# Newest server that has the vector extension; a cluster stays with the version that made it.
bin=""
if [ -f "$data/PG_VERSION" ]; then
    version=$(cat "$data/PG_VERSION")
    bin=/usr/lib/postgresql/$version/bin
    [ -x "$bin/postgres" ] && [ -f "/usr/share/postgresql/$version/extension/vector.control" ] ||
        fail "the data under $root is PostgreSQL $version's: install the packages postgresql-$version and postgresql-$version-pgvector"
else
    for dir in $(ls -d /usr/lib/postgresql/*/ 2>/dev/null | sort -t/ -k5 -rV); do
        if [ -x "$dir/bin/initdb" ] && [ -f "/usr/share/postgresql/$(basename "$dir")/extension/vector.control" ]; then
            bin=${dir%/}/bin
            break
        fi
    done
    [ -n "$bin" ] || fail "install the packages postgresql and pgvector"
fi

if [ ! -f "$data/PG_VERSION" ]; then
    rm -rf "$data.new" # of an initdb that was killed
    password=$(mktemp) && printf '%s\n' "$CPF_POSTGRES_PASSWORD" >"$password"
    [ ${#run[@]} = 0 ] || chown postgres: "$password"
    "${run[@]}" "$bin/initdb" -D "$data.new" -U postgres --pwfile="$password" --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 \
        ${CPF_THROWAWAY:+--no-sync}
    made=$?
    rm -f "$password"
    [ $made = 0 ] || fail "initdb failed"
    echo "include 'cpf.conf'" >>"$data.new/postgresql.conf"
    [ -z "${CPF_THROWAWAY:-}" ] || touch "$data.new/cpf.throwaway"
    mv "$data.new" "$data"
fi

# A server that died hard leaves its pid file, and after a reboot that pid may be someone else's: PostgreSQL would refuse to start.
if [ -f "$data/postmaster.pid" ]; then
    pid=$(head -n 1 "$data/postmaster.pid")
    if [ -n "$pid" ] && ours "$pid"; then
        [ "$(sed -n 4p "$data/postmaster.pid")" = "$CPF_POSTGRES_PORT" ] && [ "${CPF_POSTGRES_RESET:-}" != 1 ] && exit 0
        kill -INT "$pid"
        for _ in $(seq 200); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    fi
    rm -f "$data/postmaster.pid"
fi
# Its children notice the death of their server within moments; a new one must not start before they are gone.
quit_ours

# Parallel index builds need shared memory as large as maintenance_work_mem; containers often have 64 MB of it, or none.
shared=mmap
if [ "$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)" -ge 1048576 ] 2>/dev/null && "${run[@]}" test -w /dev/shm; then shared=posix; fi
cat >"$data/cpf.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $CPF_POSTGRES_PORT
unix_socket_directories = ''
max_connections = 300
authentication_timeout = 10s
shared_buffers = 512MB
effective_cache_size = 4GB
maintenance_work_mem = 512MB
work_mem = 32MB
max_wal_size = 4GB
checkpoint_timeout = 15min
wal_compression = on
random_page_cost = 1.1
jit = off
dynamic_shared_memory_type = $shared
log_line_prefix = '%m [%p] %q%u@%d '
timezone = 'UTC'
CONF
# A process that is killed loses nothing by this, only a machine that crashes does.
if [ -f "$data/cpf.throwaway" ]; then printf '%s\n' 'fsync = off' 'full_page_writes = off' >>"$data/cpf.conf"; fi
[ ${#run[@]} = 0 ] || chown postgres: "$data/cpf.conf"

if [ "${CPF_POSTGRES_RESET:-}" = 1 ]; then
    echo "alter role postgres password '$CPF_POSTGRES_PASSWORD'" | "${run[@]}" "$bin/postgres" --single -D "$data" postgres >/dev/null ||
        fail "the superuser's password could not be set"
fi
# The log belongs to the caller; the server inherits it as its standard error.
"${run[@]}" "$bin/pg_ctl" start -D "$data" -w -t 120 -s || fail "PostgreSQL did not start: see $2"
