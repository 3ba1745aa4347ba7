#!/bin/sh
# A stand-in for sysbox-runc, for tests on machines where Sysbox cannot be installed. It is not Sysbox: it isolates nothing.
# It refuses what Sysbox refuses, and grants by plain rights what Sysbox grants by a user namespace, so that an engine
# runs in a container that was asked for without privileges. All else is runc's.
set -eu

bundle=$PWD
log=/dev/null
command=
previous=
for argument; do
    case $previous in
        --bundle | -b) bundle=$argument ;;
        --log) log=$argument ;;
    esac
    case $argument in
        --bundle=*) bundle=${argument#--bundle=} ;;
        create | run) command=${command:-$argument} ;;
    esac
    previous=$argument
done

# Engines show what the log says.
refuse() {
    echo "{\"level\": \"error\", \"msg\": \"sysbox-runc (stand-in): $1\"}" >>"$log"
    exit 1
}

if [ -n "$command" ]; then
    config=$bundle/config.json
    asks() {
        jq -e "$1" "$config" >/dev/null
    }
    # An engine allows all devices to privileged containers only.
    if asks '[.linux.resources.devices[]? | select(.allow and (.type // "a") == "a")] | length > 0'; then
        refuse "privileged containers are not supported"
    fi
    for namespace in network pid; do
        asks "[.linux.namespaces[].type] | index(\"$namespace\")" \
            || refuse "the host's $namespace namespace cannot be shared"
    done
    if asks '[.process.args[] | select(startswith("--data-root"))] | length > 0'; then
        refuse "the engine inside must keep its data in /var/lib/docker"
    fi

    jq '
        ["CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
         "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
         "SYS_CHROOT", "SYS_PTRACE", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_TTY_CONFIG", "MKNOD", "LEASE",
         "AUDIT_WRITE", "SETFCAP", "SYSLOG"] as $names
        | ($names | map("CAP_" + .)) as $all
        | .process.capabilities = {bounding: $all, effective: $all, permitted: $all}
        | del(.process.apparmorProfile, .process.selinuxLabel, .linux.seccomp, .linux.maskedPaths, .linux.readonlyPaths)
        | .process.noNewPrivileges = false
        | .mounts |= map(if .type == "cgroup" or .type == "cgroup2" or .type == "sysfs"
                         then .options |= map(select(. != "ro")) else . end)
        | .linux.resources.devices += [{allow: true, access: "rwm"}]
    ' "$config" >"$config.new"
    mv "$config.new" "$config"
fi

exec runc "$@"
