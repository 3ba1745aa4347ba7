#!/bin/sh
# The engine looks for the folder on the host: there it has the same path.
exec docker run --rm -v "$PWD:$PWD" -w "$PWD" alpine:3.20 ls
