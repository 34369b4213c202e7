#!/bin/sh
# on_postgres.sh COMMAND...: runs it with WARDBASE_TEST_URL leading to a throw-away cluster of the
# newest PostgreSQL that Debian has installed here.
set -eu
programs=$(ls -d /usr/lib/postgresql/*/bin | sort -t/ -k5 -n | tail -1)
folder=$(mktemp -d /tmp/wardbase-postgres-XXXXXX)
port=${PORT:-54329}
as_owner() { "$@"; }
if [ "$(id -u)" = 0 ]; then
    # PostgreSQL refuses to run as root.
    chown postgres "$folder"
    as_owner() { runuser -u postgres -- "$@"; }
fi
finish() {
    as_owner "$programs/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT
head -c 18 /dev/urandom | base64 | tr '+/' 'ab' >"$folder/password"
chmod 644 "$folder/password"
as_owner "$programs/initdb" -D "$folder/data" -U wardbase -A scram-sha-256 \
    --pwfile "$folder/password" -E UTF8 --locale C.UTF-8 >/dev/null
as_owner "$programs/pg_ctl" -D "$folder/data" -l "$folder/log" -w start \
    -o "-p $port -k $folder -c listen_addresses=127.0.0.1 -c max_connections=200" >/dev/null
WARDBASE_TEST_URL="postgresql://wardbase:$(cat "$folder/password")@127.0.0.1:$port/postgres" "$@"
