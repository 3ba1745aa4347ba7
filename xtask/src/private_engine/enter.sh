# Becomes a private engine: runs in namespaces of its own, arranges its mounts, then runs the engine.
# Arguments: its kind, the engine's folder, the root file system, the checkout, the parent of its cgroups.
set -eu
kind=$1 engine=$2 rootfs=$3 checkout=$4 cgroup=$5

mount --make-rprivate /
mount -t overlay -o "lowerdir=$rootfs,upperdir=$engine/upper,workdir=$engine/work" \
    nest-engine "$engine/root"
cd "$engine/root"
case $kind in podman) data=var/lib/containers ;; *) data=var/lib/docker ;; esac
mkdir -p sys dev proc run tmp "$data" .old
mount --rbind /sys sys
# Podman puts its containers below the root of the cgroups: that is ours alone.
if [ "$kind" = podman ]; then
    hierarchies=$(awk '$2 ~ "^/sys/" && $3 ~ "^cgroup2?$" { print $2 }' /proc/self/mounts)
    for hierarchy in $hierarchies; do
        mount --bind "$hierarchy$cgroup" ".$hierarchy"
    done
    # A group of the second version hands controllers to its children only while it has no process of its own.
    groups=sys/fs/cgroup
    if [ -f "$groups/cgroup.controllers" ]; then
        mkdir -p "$groups/init"
        echo 0 >"$groups/init/cgroup.procs"
    fi
fi
mount --rbind /dev dev
mount -t proc proc proc
mount -t tmpfs tmpfs tmp
mount --bind "$engine/run" run
mount --bind "$engine/data" "$data"

# These are at the same path inside as outside: bind mounts of tests resolve inside.
for shared in "$engine/run" "$engine/shared" "$checkout"; do
    mkdir -p ".$shared"
    mount --bind "$shared" ".$shared"
done

# Rootless engines open these as any user. Nodes of our own leave those of the machine as they are.
open_device() {
    [ -e "/dev/$1" ] || return 0
    node=$engine/devices/$2-$3
    mknod -m 0666 "$node" c "$2" "$3"
    chmod 0666 "$node"
    mount --bind "$node" "dev/$1"
}
open_device net/tun 10 200
open_device fuse 10 229

pivot_root . .old
busybox umount -l /.old
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
busybox ip link set lo up

# Nothing is outside this network. A name server that refuses is an answer at once; one that cannot be
# reached would be waited for at every look-up.
busybox ip address add 192.0.2.53/32 dev lo
rm -f etc/resolv.conf
echo 'nameserver 192.0.2.53' >etc/resolv.conf

# Old kernels have no nftables for iptables to use.
if ! iptables -nL >/dev/null 2>&1; then
    for program in iptables ip6tables; do
        ln -sf /usr/sbin/xtables-legacy-multi "/etc/alternatives/$program"
        ln -sf /usr/sbin/xtables-legacy-multi "/etc/alternatives/$program-save"
        ln -sf /usr/sbin/xtables-legacy-multi "/etc/alternatives/$program-restore"
    done
fi

# Other ways to it: by ssh, and with Docker by TLS. Tests find what they take in this folder.
access=$engine/shared/access
mkdir -p "$access" /run/sshd
for key in host user; do
    ssh-keygen -q -t ed25519 -N '' -C "$key" -f "$access/$key"
done
echo "[127.0.0.1]:2222 $(cat "$access/host.pub")" >"$access/known_hosts"
cat >"$access/sshd_config" <<END
ListenAddress 127.0.0.1
Port 2222
HostKey $access/host
AuthorizedKeysFile $access/user.pub
PasswordAuthentication no
StrictModes no
UsePAM no
PidFile none
MaxStartups 100
END
/usr/sbin/sshd -f "$access/sshd_config" -E /dev/stderr
cat >"$access/ssh_config" <<END
Host engine.test
    HostName 127.0.0.1
    Port 2222
    User root
    IdentityFile $access/user
    IdentitiesOnly yes
    UserKnownHostsFile $access/known_hosts
    StrictHostKeyChecking yes
    BatchMode yes
END

# An init reaps what containers leave behind.
if [ "$kind" = podman ]; then
    # There is no systemd to make groups, keep events and logs, or time health checks. Builds ask for as many files and
    # processes as there can be, unless told otherwise; here they are given what we have.
    limit() { [ "$1" = unlimited ] && echo -1:-1 || echo "$1:$1"; }
    files=$(limit "$(ulimit -Hn)")
    processes=$(awk '/^Max processes/ { print $4 }' /proc/self/limits)
    processes=$(limit "$processes")
    cat >etc/containers/containers.conf <<END
[containers]
default_ulimits = ["nofile=$files", "nproc=$processes"]
log_driver = "k8s-file"
init_path = "/usr/bin/tini-static"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
[network]
firewall_driver = "iptables"
END
    # As Docker Engine has it: a registry on the engine's own host may be one without TLS.
    cat >etc/containers/registries.conf <<'END'
[[registry]]
location = "127.0.0.1"
insecure = true
END
    exec tini -- podman system service --time=0 unix:///run/docker.sock
fi

# issue NAME EXTENSION: makes a key and a certificate of the authority of this folder.
issue() {
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
        -keyout "$1-key.pem" -out "$1.csr"
    echo "$2" >"$1.cnf"
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 30 \
        -extfile "$1.cnf" -out "$1-cert.pem"
}
(
    cd "$access"
    openssl req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=engine.test \
        -days 30 -keyout ca-key.pem -out ca.pem
    issue server 'subjectAltName = IP:127.0.0.1, DNS:localhost'
    issue client 'extendedKeyUsage = clientAuth'
    cp client-cert.pem cert.pem
    cp client-key.pem key.pem
) 2>/dev/null
exec tini -- dockerd --host=unix:///run/docker.sock --cgroup-parent="$cgroup" \
    --host=tcp://127.0.0.1:2376 --tlsverify --tlscacert="$access/ca.pem" \
    --tlscert="$access/server-cert.pem" --tlskey="$access/server-key.pem"
