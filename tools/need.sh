#!/bin/sh
# need.sh TEST PACKAGE...: installs Debian's packages if the command TEST fails.
# Never fatal: what cannot be installed here is named, and whatever needs it fails by itself.
test=$1
shift
if eval "$test" >/dev/null 2>&1; then
    exit 0
fi
if [ "$(id -u 2>&1)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "missing: $*; on Debian or Ubuntu: sudo apt-get install $*" >&2
    exit 0
fi
echo "installing $*" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq && apt-get install -qq -y --no-install-recommends "$@" >/dev/null ||
    echo "could not install $*; go on without" >&2
