#!/bin/sh
# Runs the docker CLI, or any other command with the CLI pointed at the right engine.
set -eu

# `docker run docker:cli ps` means `docker ps`: an option or a subcommand of the CLI.
case ${1:-} in
    -*) set -- docker "$@" ;;
    ?*) if docker help "$1" >/dev/null 2>&1; then set -- docker "$@"; fi ;;
esac

# Without a local socket the engine is the container named `docker`, with TLS if we have its
# certificates.
if [ -z "${DOCKER_HOST:-}" ] && [ ! -S /var/run/docker.sock ]; then
    client=${DOCKER_TLS_CERTDIR:-}/client
    if [ -n "${DOCKER_TLS_CERTDIR:-}" ] && [ -s "$client/ca.pem" ] \
        && [ -s "$client/cert.pem" ] && [ -s "$client/key.pem" ]; then
        export DOCKER_HOST=tcp://docker:2376
        export DOCKER_TLS_VERIFY="${DOCKER_TLS_VERIFY:-1}"
        export DOCKER_CERT_PATH="${DOCKER_CERT_PATH:-$client}"
    else
        export DOCKER_HOST=tcp://docker:2375
    fi
fi

exec "$@"
