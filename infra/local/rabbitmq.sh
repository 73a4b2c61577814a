#!/usr/bin/env bash
# The private RabbitMQ broker of this checkout. Its settings are in $CPF_HOME/rabbitmq/settings.sh, written by the command line.
#   rabbitmq.sh start LOG PIDFILE     starts the broker in the background (with its own epmd); does not wait
#   rabbitmq.sh epmd                  starts the port mapper alone, when it died under a living broker
#   rabbitmq.sh add-vhost NAME        makes a virtual host with our user's rights and our policies
#   rabbitmq.sh delete-vhost NAME...  in one call: each start of rabbitmqctl takes seconds
#   rabbitmq.sh ctl ARGUMENTS...      rabbitmqctl on this broker
#   rabbitmq.sh admin ARGUMENTS...    rabbitmqadmin on this broker, for example: publish routing_key=cpf.submit-image payload=JSON
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
: "${CPF_HOME:=$here/../../.cpf}"
usage() { sed -n '3,8s/^# *//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
[ $# -ge 1 ] || usage
[ -f "$CPF_HOME/rabbitmq/settings.sh" ] || { echo "cpf: no broker was set up in $CPF_HOME" >&2; exit 3; }
. "$CPF_HOME/rabbitmq/settings.sh"
sbin=$(ls -d /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin 2>/dev/null | sort -V | tail -n 1)
[ -n "$sbin" ] || { echo "cpf: install the package rabbitmq-server" >&2; exit 3; }
cd "$CPF_HOME/rabbitmq"

case $1 in
    start)
        [ $# = 3 ] || usage
        mkdir -p home mnesia
        # The server script, not the wrapper in /usr/sbin, which insists on the system's user and folders. The variable makes the
        # script replace itself by the Erlang machine, so that the process id is the broker's.
        RUNNING_UNDER_SYSTEMD=true exec bash "$here/daemon.sh" "$2" "$3" "$sbin/rabbitmq-server"
        ;;
    epmd) epmd -daemon ;;
    add-vhost)
        [ $# = 2 ] || usage
        file=$(mktemp "$PWD/vhost.XXXXXX.json")
        trap 'rm -f "$file"' EXIT
        sed "s|@VHOST@|$2|g" vhost.json.template >"$file"
        # Through the management API: a start of rabbitmqctl takes seconds of a processor. Without the virtual host of admin.conf the file
        # is imported as a whole.
        rabbitmqadmin --config="$PWD/admin.conf" --node=default --vhost= --quiet import "$file"
        ;;
    delete-vhost)
        [ $# -ge 2 ] || usage
        shift
        names=$(printf '<<"%s">>,' "$@")
        "$sbin/rabbitmqctl" --quiet eval "[ok = rabbit_vhost:delete(N, <<\"cpf\">>) || N <- [${names%,}]], ok." >/dev/null
        ;;
    ctl)
        shift
        exec "$sbin/rabbitmqctl" "$@"
        ;;
    admin)
        shift
        exec rabbitmqadmin --config="$PWD/admin.conf" --node=default "$@"
        ;;
    *) usage ;;
esac
