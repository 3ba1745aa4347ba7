# What a script does after `docker compose up -d` to have what `nest up` gives: engines that answer,
# and hold the images and volumes that were asked for.
# Variables: PROJECT, ENGINES (services), IMAGES, VOLUMES (each mounted at its name).
set -eu

for engine in $ENGINES; do
    until docker exec "$PROJECT-$engine-1" docker info >/dev/null 2>&1; do
        sleep 0.05
    done
done

for engine in $ENGINES; do
    for volume in $VOLUMES; do
        docker exec "$PROJECT-$engine-1" docker volume create \
            --opt type=none --opt o=bind --opt device="/$volume" "$volume"
    done
done

[ -n "$IMAGES" ] || exit 0
loads=
for engine in $ENGINES; do
    # shellcheck disable=SC2086 # several images
    docker save $IMAGES | docker exec --interactive "$PROJECT-$engine-1" docker load &
    loads="$loads $!"
done
for load in $loads; do
    wait "$load"
done
