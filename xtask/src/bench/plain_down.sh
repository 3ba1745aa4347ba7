# Removes what there is of it.
docker rm --force --volumes plain-bench >/dev/null 2>&1
docker volume ls --quiet --filter name=plain-bench | xargs -r docker volume rm >/dev/null
docker network rm plain-bench >/dev/null 2>&1
exit 0
