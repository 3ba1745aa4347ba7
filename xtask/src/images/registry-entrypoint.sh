#!/bin/sh
# A file of settings is served; a subcommand or an option goes to the registry; all else is run.
set -eu

case ${1:-} in
    *.yaml | *.yml) set -- registry serve "$@" ;;
    serve | garbage-collect | help | -*) set -- registry "$@" ;;
esac

exec "$@"
