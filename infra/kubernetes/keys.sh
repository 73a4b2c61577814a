#!/usr/bin/env bash
# The verb "keys" of the command line in a pod of its own, with the owner's connection by reference: no secret is in the pod's description.
#   keys.sh IMAGE list | add NAME --role ROLE... | rotate KEY | revoke KEY
# What it prints comes from the pod: a new key, once. Needs kubectl; the namespace is NAMESPACE, else cpf.
set -eu
[ $# -ge 2 ] || { sed -n '3s/^# *//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
image=$1
shift
words=""
for word in keys "$@"; do
    case $word in *[!A-Za-z0-9._@/:*-]*) echo "keys.sh: '$word' has characters that no name of a key has" >&2; exit 2 ;; esac
    words+="${words:+,}\"$word\""
done
name=cpf-keys-$RANDOM
pod='{"spec": {
  "automountServiceAccountToken": false, "enableServiceLinks": false,
  "securityContext": {"runAsNonRoot": true, "runAsUser": 1654, "runAsGroup": 1654, "seccompProfile": {"type": "RuntimeDefault"}},
  "containers": [{
    "name": "'$name'", "image": "'$image'", "args": ['$words'],
    "env": [{"name": "CPF_POSTGRES", "valueFrom": {"secretKeyRef": {"name": "cpf-postgres-app", "key": "uri"}}}],
    "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]}}
  }]}}'
exec ${KUBECTL:-kubectl} -n "${NAMESPACE:-cpf}" run "$name" --rm --stdin --quiet --restart=Never --image="$image" \
    --labels=app.kubernetes.io/name=cpf-migrate,app.kubernetes.io/part-of=cpf --overrides="$pod"
