#!/bin/bash
# As the model's entry point: as root it gives the data folder to rabbitmq and becomes that user.
set -eu
if [ "$(id -u)" = 0 ]; then
    find /var/lib/rabbitmq \! -user rabbitmq -exec chown rabbitmq {} +
    exec setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups "$0" "$@"
fi
exec "$@"
