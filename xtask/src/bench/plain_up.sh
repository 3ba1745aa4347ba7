# Starts the container that nest makes, and asks until the engine in it answers, for a minute or so.
set -eu
docker network create plain-bench >/dev/null
eval "docker run --detach --name plain-bench --network plain-bench $OPTIONS" >/dev/null
tries=0
until docker exec plain-bench $ASK >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ]; then
        docker exec plain-bench $ASK >&2 || true
        docker logs --tail 10 plain-bench >&2
        exit 1
    fi
    sleep 0.05
done
