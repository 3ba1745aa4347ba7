# Copies the images of a seed into a data root. All of it is there before the first folder gets its place.
#
# nest-seed FROM TO copy|link OPTIONS LAYERS FOLDER...
#   LAYERS   folders, those to copy or below them, that hold layers: these are linked, or copied with all their attributes
#   OPTIONS  how to mount an overlay in which the attributes by which layers hide what is below them are as any other
#   FOLDER   what is copied, that which has the names of images last
set -eu
from=$1 to=$2 how=$3 options=$4 layers=" $5 "
shift 5
new=$to/.nest-seed
fail() {
    echo "$1" >&2
    exit 1
}
# The `cp` of GNU keeps all attributes, that of busybox loses most. What an overlay copies up keeps them too.
case "$(cp --help 2>&1)" in
*--reflink*) gnu=yes ;;
*) gnu= ;;
esac
attributes() {
    chown "$(stat -c %u:%g "$1")" "$2"
    chmod "$(stat -c %a "$1")" "$2"
}
copied_up() {
    scratch=$new/.scratch
    mkdir "$scratch" "$scratch/work" "$scratch/merged"
    mount -t overlay -o "${options}volatile,lowerdir=$1,upperdir=$2,workdir=$scratch/work" overlay "$scratch/merged" ||
        fail "the image has no \`cp\` that keeps extended attributes, as that of GNU does, and no overlay could be mounted"
    if [ "$how" = link ]; then
        find "$scratch/merged" -type d -exec chmod u+ {} + 2>/dev/null || :
    else
        chmod -R u+ "$scratch/merged"
    fi
    umount "$scratch/merged"
    rm -rf "$scratch"
}
layers() {
    if [ "$gnu" ]; then
        if [ "$how" = link ]; then cp -al "$1" "$2"; else cp -a --reflink=auto "$1" "$2"; fi
    else
        mkdir "$2"
        copied_up "$1" "$2"
        if [ "$how" = link ]; then cp -al "$1/." "$2/"; else cp -au "$1/." "$2/"; fi
    fi
    [ "$(find "$1" | wc -l)" = "$(find "$2" | wc -l)" ] || fail "the copy is not whole"
}
put() {
    case "$layers" in
    *" $1 "*) layers "$from/$1" "$new/$1" ;;
    *" $1/"*)
        mkdir "$new/$1"
        attributes "$from/$1" "$new/$1"
        for entry in "$from/$1"/*; do
            [ ! -e "$entry" ] || put "$1/${entry##*/}"
        done
        ;;
    *) cp -a "$from/$1" "$new/$1" ;;
    esac
}
rm -rf "$new"
mkdir "$new"
for folder in "$@"; do
    [ ! -e "$from/$folder" ] || put "$folder"
done
attributes "$from" "$to"
for folder in "$@"; do
    [ ! -e "$new/$folder" ] || mv "$new/$folder" "$to/$folder"
done
rmdir "$new"
