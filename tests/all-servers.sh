#!/usr/bin/env bash
# Runs the routing tests against every server we promise to serve: fetches them first, then one run each.
#   tests/all-servers.sh [FILTER]      FILTER is a dotnet test filter; the default is the routing suite
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
filter=${1:-Suite=Routing}
servers=${CLUSTERCLIENT_SERVERS:-$HOME/.cache/clusterclient/servers}
tests/fetch-servers.sh "$servers" || exit 1
dotnet build tests/ClusterClient.IntegrationTests -c Release -v quiet || exit 1

failed=0
for server in "$servers"/redis-7.0/bin/redis-server "$servers"/redis-8.0/bin/redis-server \
    "$servers"/valkey-8.1/bin/valkey-server "$servers"/valkey-9.1/bin/valkey-server garnet; do
    printf '\n== %s\n' "$server"
    CLUSTERCLIENT_SERVER=$server timeout 900 dotnet test tests/ClusterClient.IntegrationTests -c Release --no-build --filter "$filter" || failed=$((failed + 1))
done

printf '\n%d of 5 servers failed\n' "$failed"
[ "$failed" -eq 0 ]
