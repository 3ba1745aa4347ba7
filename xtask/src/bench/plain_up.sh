# Starts the container that nest makes, and asks until the engine in it answers.
set -eu
docker network create plain-bench >/dev/null
eval "docker run --detach --name plain-bench --network plain-bench $OPTIONS" >/dev/null
until docker exec plain-bench $ASK >/dev/null 2>&1; do
    sleep 0.05
done
