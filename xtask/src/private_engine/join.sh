# Puts itself into a group below each cgroup hierarchy, then runs a command, for which these groups are to be all there is.
# Arguments: the group, the command.
set -eu
group=$1
shift

while read -r _ hierarchy kind _; do
    case $kind in cgroup | cgroup2) ;; *) continue ;; esac
    path=$hierarchy
    for part in $(echo "$group" | tr / ' '); do
        if [ "$kind" = cgroup2 ]; then
            # What the group above can hand down; some hierarchies have nothing.
            for controller in $(cat "$path/cgroup.controllers"); do
                echo "+$controller" >"$path/cgroup.subtree_control" 2>/dev/null || true
            done
        fi
        mkdir -p "$path/$part"
        # A group of the first version begins without processors and memory, and takes no process then.
        for file in cpuset.cpus cpuset.mems; do
            [ "$kind" = cgroup ] && [ -e "$path/$part/$file" ] || continue
            [ -n "$(cat "$path/$part/$file")" ] || cat "$path/$file" >"$path/$part/$file"
        done
        path=$path/$part
    done
    echo 0 >"$path/cgroup.procs"
done </proc/self/mounts

exec "$@"
