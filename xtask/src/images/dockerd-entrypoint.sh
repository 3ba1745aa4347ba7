#!/bin/sh
# Runs an engine inside a container, with the sockets and certificates that people expect of it.
set -eu

# Writes a private key unless there is one.
ensure_key() {
    [ -s "$1" ] || openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
}

# Lists the names and addresses under which clients reach this container.
alternative_names() {
    {
        ip -o address show | awk '{ sub("/.*", "", $4); print "IP:" $4 }'
        echo "DNS:$(hostname)"
        echo DNS:docker
        echo DNS:localhost
        [ -z "${DOCKER_TLS_SAN:-}" ] || echo "$DOCKER_TLS_SAN"
    } | sort -u | tr '\n' ',' | sed 's/,$//'
}

# issue FOLDER ROLE EXTENSION: writes a key and a certificate signed by our authority.
issue() {
    mkdir -p "$1/$2"
    ensure_key "$1/$2/key.pem"
    echo "$3" >"$1/$2/openssl.cnf"
    openssl req -new -key "$1/$2/key.pem" -subj "/CN=docker:dind $2" -out "$1/$2/csr.pem"
    openssl x509 -req -in "$1/$2/csr.pem" -CA "$1/ca/cert.pem" -CAkey "$1/ca/key.pem" \
        -CAcreateserial -days 825 -extfile "$1/$2/openssl.cnf" -out "$1/$2/cert.pem"
    cp "$1/ca/cert.pem" "$1/$2/ca.pem"
}

# Makes or renews the certificates in a folder. Our own authority keeps its key, so that clients
# keep trusting us; one whose key we do not have signed what is there, and that stays as it is.
certify() {
    if [ ! -s "$1/ca/key.pem" ] && [ -s "$1/ca/cert.pem" ]; then
        openssl verify -CAfile "$1/ca/cert.pem" "$1/server/cert.pem"
        return
    fi
    mkdir -p "$1/ca"
    ensure_key "$1/ca/key.pem"
    openssl req -new -x509 -key "$1/ca/key.pem" -subj '/CN=docker:dind CA' -days 825 \
        -out "$1/ca/cert.pem"
    issue "$1" server "subjectAltName = $(alternative_names)"
    issue "$1" client 'extendedKeyUsage = clientAuth'
    # Other containers read it, as any user.
    chmod 0644 "$1/client/key.pem"
}

user=$(id -u)
if [ "$user" = 0 ]; then
    socket=unix:///var/run/docker.sock
else
    export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/run/user/$user}"
    socket=unix://$XDG_RUNTIME_DIR/docker.sock
fi

# Options only, or nothing at all: the engine with its usual hosts.
port=
if [ $# -eq 0 ] || [ "${1#-}" != "$1" ]; then
    case ${DOCKER_HOST:-} in unix://*) socket=$DOCKER_HOST ;; esac
    server=${DOCKER_TLS_CERTDIR:-}/server
    if [ -n "${DOCKER_TLS_CERTDIR:-}" ] && certify "$DOCKER_TLS_CERTDIR" \
        && [ -s "$server/ca.pem" ] && [ -s "$server/cert.pem" ] && [ -s "$server/key.pem" ]; then
        set -- dockerd --host="$socket" --host=tcp://0.0.0.0:2376 --tlsverify \
            --tlscacert "$server/ca.pem" --tlscert "$server/cert.pem" --tlskey "$server/key.pem" "$@"
        port=2376
    else
        # Saying no to TLS in so many words spares us the engine's pause for thought.
        set -- dockerd --host="$socket" --host=tcp://0.0.0.0:2375 --tls=false "$@"
        port=2375
    fi
fi

if [ "$1" = dockerd ]; then
    # An engine that was killed leaves these, and its successor would believe that it still runs.
    find /run \( -iname 'docker*.pid' -o -name containerd.pid \) -exec rm -f {} + 2>/dev/null || true

    # Without root's rights the engine runs in namespaces of its own, behind a network of its own.
    if [ "$user" != 0 ]; then
        if ! mkdir -p "$XDG_RUNTIME_DIR" "$HOME/.local/share/docker" \
            || ! [ -w "$XDG_RUNTIME_DIR" ] || ! [ -w "$HOME/.local/share/docker" ]; then
            echo "error: rootless dockerd needs writable $XDG_RUNTIME_DIR and $HOME/.local/share/docker" >&2
            exit 1
        fi
        # Old kernels have no nftables for iptables to use, and the links to it are not this user's to turn.
        if ! unshare -Urn iptables -nL >/dev/null 2>&1; then
            export PATH="/usr/local/sbin/.iptables-legacy:$PATH"
        fi
        # shellcheck disable=SC2086
        exec rootlesskit --net="${DOCKERD_ROOTLESS_ROOTLESSKIT_NET:-slirp4netns}" \
            --mtu="${DOCKERD_ROOTLESS_ROOTLESSKIT_MTU:-1500}" --disable-host-loopback \
            --port-driver=builtin --copy-up=/etc --copy-up=/run \
            ${port:+-p "0.0.0.0:$port:$port/tcp"} ${DOCKERD_ROOTLESS_ROOTLESSKIT_FLAGS:-} \
            docker-init -- "$@"
    fi

    # Old kernels have no nftables for iptables to use.
    if ! iptables -nL >/dev/null 2>&1; then
        for program in iptables ip6tables; do
            for action in '' -save -restore; do
                ln -sf /usr/sbin/xtables-legacy-multi "/usr/local/sbin/$program$action"
            done
        done
    fi

    set -- dind docker-init -- "$@"
else
    set -- docker-entrypoint.sh "$@"
fi

exec "$@"
