#!/usr/bin/env bash
# Makes the secrets that compose.yaml mounts, each by chance, in a folder that only its owner can enter. What is there already stays.
#   make-secrets.sh [FOLDER]
# The files themselves can be read by everybody: an engine mounts them one by one into containers whose users have other numbers.
set -eu
folder=${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)/secrets}
mkdir -p "$folder" && chmod 700 "$folder"
cd "$folder"

secret() { head -c 20 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }
put() { # put NAME: standard input becomes the file, whole or not at all
    [ ! -e "$1" ] || return 0
    cat >"$1.new" && chmod 444 "$1.new" && mv "$1.new" "$1"
}
bytes() { printf "$(printf '%s' "$1" | sed 's/../\\x&/g')"; }

# The passwords of logins stand in connection strings only. When one of those is removed, both ends are made anew.
[ -e postgres_superuser_password ] || rm -f postgres_superuser
put postgres_superuser_password <<<"$(secret)"
put postgres_superuser <<<"Host=postgres;Database=postgres;Username=postgres;Password=$(cat postgres_superuser_password)"
put postgres_owner <<<"Host=postgres;Database=cpf;Username=cpf_owner;Password=$(secret)"
put ConnectionStrings__Postgres <<<"Host=postgres;Database=cpf;Username=cpf_service;Password=$(secret)"
put grafana_admin_password <<<"$(secret)"
[ -e cpf_metrics_key ] || { : >cpf_metrics_key && chmod 644 cpf_metrics_key; }

if [ ! -e ConnectionStrings__RabbitMq ] || [ ! -e rabbitmq_definitions.json ]; then
    rm -f ConnectionStrings__RabbitMq rabbitmq_definitions.json
    password=$(secret)
    # As RabbitMQ keeps passwords: base64 of a salt and SHA-256 of salt and password.
    salt=$(head -c 4 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
    hash=$({ bytes "$salt"; printf '%s' "$password"; } | sha256sum | cut -d' ' -f1)
    hash=$({ bytes "$salt"; bytes "$hash"; } | base64 -w0)
    put rabbitmq_definitions.json <<JSON
{
  "users": [{"name": "cpf", "password_hash": "$hash", "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": ["monitoring"]}],
  "vhosts": [{"name": "cpf"}],
  "permissions": [{"user": "cpf", "vhost": "cpf", "configure": ".*", "write": ".*", "read": ".*"}],
  "policies": [
    {
      "vhost": "cpf", "name": "delivery-limit", "pattern": "^(?!cpf\\\\.dead-letter$)", "apply-to": "queues", "priority": 0,
      "definition": {"delivery-limit": 5, "dead-letter-exchange": "cpf.dead-letter"}
    }
  ]
}
JSON
    put ConnectionStrings__RabbitMq <<<"amqp://cpf:$password@rabbitmq:5672/cpf"
fi
ls -1
