#!/bin/sh
# Prepares a privileged container to have containers inside, then runs the command that it is given.
set -eu

# Lets programs see that they are in a container.
export container=docker

is_mounted() {
    grep -q " $1 " /proc/self/mounts
}

if [ -d /sys/kernel/security ] && ! is_mounted /sys/kernel/security; then
    mount -t securityfs none /sys/kernel/security \
        || echo "cannot mount /sys/kernel/security: AppArmor is not seen inside" >&2
fi

is_mounted /tmp || mount -t tmpfs none /tmp

# cgroup v2: a group hands controllers to its children only while it has no process of its own, so
# ours move one level down. One that is forked meanwhile stays behind: try until none is left.
groups=/sys/fs/cgroup
if [ -f "$groups/cgroup.controllers" ]; then
    mkdir -p "$groups/init"
    controllers=$(sed -e 's/ / +/g' -e 's/^./+&/' "$groups/cgroup.controllers")
    tries=0
    until
        xargs -rn1 <"$groups/cgroup.procs" >"$groups/init/cgroup.procs" 2>/dev/null || true
        echo "$controllers" 2>/dev/null >"$groups/cgroup.subtree_control"
    do
        tries=$((tries + 1))
        [ "$tries" -lt 50 ] || break
        sleep 0.02
    done
fi

# Volumes with mount propagation need it.
mount --make-rshared /

exec "$@"
