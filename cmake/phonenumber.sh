#!/bin/sh
# Puts libphonenumber's headers and import library beside the distribution's runtime package, since on Debian 12
# libphonenumber-dev conflicts with libboost1.81-dev and cannot be installed (no Boost header is needed on Linux).
# usage: cmake/phonenumber.sh [PREFIX]      default: build/phonenumber; cmake looks there and in the system's folders
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
prefix=${1:-$root/build/phonenumber}
if [ -e "$prefix/usr/include/phonenumbers/phonenumberutil.h" ]; then
    echo "libphonenumber is already in $prefix"
    exit 0
fi
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
missing=
for package in libphonenumber8 libprotobuf-dev libabsl-dev; do
    dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
done
# shellcheck disable=SC2086  # a list of packages
[ -z "$missing" ] || $sudo apt-get install -y --no-install-recommends $missing
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
(cd "$scratch" && apt-get -o APT::Sandbox::User=root download libphonenumber-dev)
mkdir -p "$prefix"
dpkg -x "$scratch"/libphonenumber-dev_*.deb "$prefix"
# The package's link points beside itself; the runtime library stays where the distribution put it.
library=$(dpkg -L libphonenumber8 | grep 'libphonenumber\.so\.8$')
find "$prefix" -name 'libphonenumber.so' -exec ln -sf "$library" {} \;
echo "libphonenumber is ready in $prefix"
