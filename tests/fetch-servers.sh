#!/bin/bash
# Fetches the real servers the tests run against, without installing anything and without being root.
#
#   tests/fetch-servers.sh [DIR]        DIR defaults to ~/.cache/clusterclient/servers
#
# Redis 7.0 and 8.0, Valkey 8.1 and 9.1 come from Debian's releases, through this machine's own package
# mirror and a private apt state. Each is unpacked into a folder of its own, with the C library it was
# built against, and is started through that folder's own dynamic loader:
#
#   DIR/redis-7.0/bin/redis-server     DIR/valkey-8.1/bin/valkey-server
#   DIR/redis-8.0/bin/redis-server     DIR/valkey-9.1/bin/valkey-server
#
# Run it again at any time: what is there stays, and two runs at once wait for each other.
# CLUSTERCLIENT_DEBIAN_MIRROR names the mirror on a machine whose apt sources hold none of Debian's.
set -euo pipefail

fail() { echo "fetch-servers: $*" >&2; exit 1; }

for tool in apt-get apt-cache dpkg dpkg-deb flock; do
    command -v "$tool" >/dev/null || fail "'$tool' is missing; this script needs a Debian-like machine with apt."
done

dir=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/clusterclient/servers}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)

exec 9>"$dir/.lock"
flock -w 900 9 || fail "another run has held $dir/.lock for 15 minutes."

# The first http(s) source of this machine that offers a Debian release: deb822 files, then one-line files.
machine_mirror() {
    local file
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -r "$file" ] && awk '
            function flush() { if (uri != "" && suites ~ /(^| )(bookworm|trixie|forky|sid|stable|testing|unstable)( |$)/) { print uri; exit } uri = ""; suites = "" }
            /^[ \t]*$/ { flush(); next }
            tolower($1) == "uris:" { uri = $2 }
            tolower($1) == "suites:" { suites = $0 }
            END { flush() }' "$file"
    done
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -r "$file" ] && sed -nE 's/^deb +(\[[^]]*\] +)?(https?:[^ ]+) +(bookworm|trixie|forky|sid|stable|testing|unstable) .*/\2/p' "$file"
    done
    true
}

mirror=${CLUSTERCLIENT_DEBIAN_MIRROR:-$(machine_mirror | head -n 1)}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# A private apt for one release: its own lists, cache and an empty package database, so nothing of this machine is touched.
private_apt() {
    local state=$1 suite=$2
    mkdir -p "$state"/{lists/partial,archives/partial,parts}
    : >"$state/status"
    echo "deb [signed-by=$keyring] $mirror $suite main" >"$state/sources.list"
    apt_options=(
        -o Dir::State="$state" -o Dir::State::lists="$state/lists" -o Dir::State::status="$state/status"
        -o Dir::Cache="$state" -o Dir::Cache::archives="$state/archives"
        -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts="$state/parts" -o Dir::Etc::preferencesparts="$state/parts"
        -o Dir::Etc::preferences="$state/none"
        -o Acquire::Languages=none -o Acquire::Retries=3 -o APT::Sandbox::User= -o Acquire::http::Timeout=60 -o APT::Get::List-Cleanup=false
    )
}

fetch_packages() {  # SUITE STATE ROOT PACKAGE...
    local suite=$1 state=$2 root=$3
    shift 3
    private_apt "$state" "$suite"
    if [ ! -e "$state/updated" ]; then
        timeout 300 apt-get "${apt_options[@]}" -qq update || fail "cannot read the package lists of Debian '$suite'."
        touch "$state/updated"
    fi

    # Of everything the server depends on only libraries are needed: nothing here is installed or configured.
    local packages
    packages=$(apt-cache "${apt_options[@]}" depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
        --no-replaces --no-enhances "$@" | grep -E '^lib[a-z0-9.+-]+$' | grep -vE '^lib(perl|pam|c-bin|c-l10n|systemd-shared|debconf)' | sort -u)
    local known
    known=$(apt-cache "${apt_options[@]}" madison $packages "$@" 2>/dev/null | awk '{ print $1 }' | sort -u)
    mkdir -p "$state/debs-$1"
    (cd "$state/debs-$1" && timeout 600 apt-get "${apt_options[@]}" -qq download $known) || fail "cannot download the packages of $* from Debian '$suite'."
    local deb
    for deb in "$state/debs-$1"/*.deb; do dpkg -x "$deb" "$root"; done
}

# A program that execs the folder's loader, so that its process id is the server's own: kill and stop signals reach it.
# The loader passes the path below on as argv[0], and the name decides the role, so each program is called by its own name.
write_wrapper() {  # HOME NAME
    cat >"$1/bin/$2" <<WRAPPER
#!/bin/sh
root=\${0%/*}/../root
libraries=\$root/usr/lib/$multiarch:\$root/lib/$multiarch
exec "\$root/$loader" --library-path "\$libraries" "\$root/usr/bin/$2" "\$@"
WRAPPER
    chmod +x "$1/bin/$2"
}

fetch() {  # NAME SUITE FAMILY VERSION PACKAGE...
    local name=$1 suite=$2 family=$3 version=$4
    shift 4
    local home=$dir/$name
    if [ -x "$home/bin/$family-server" ] && [ -e "$home/.complete" ]; then
        echo "$name: here already ($(cat "$home/.complete"))"
        return
    fi

    [ -n "$mirror" ] || fail "no Debian mirror in this machine's apt sources: set CLUSTERCLIENT_DEBIAN_MIRROR."
    [ -e "$keyring" ] || fail "$keyring is missing: install the package debian-archive-keyring."
    rm -rf "$home" "$home.new"
    mkdir -p "$home.new/bin" "$home.new/root"
    multiarch=$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")
    fetch_packages "$suite" "$work/$suite" "$home.new/root" "$@"

    loader=$(cd "$home.new/root" && find . -path "*/$multiarch/ld-linux*.so.*" | head -n 1)
    loader=${loader#./}
    [ -n "$loader" ] || fail "$name: the dynamic loader is not among the unpacked packages."
    local program
    for program in server sentinel cli benchmark; do write_wrapper "$home.new" "$family-$program"; done

    local missing
    missing=$("$home.new/root/$loader" --library-path "$home.new/root/usr/lib/$multiarch:$home.new/root/lib/$multiarch" \
        --list "$home.new/root/usr/bin/$family-server" 2>&1 | grep -E '=> not found|error while loading|cannot open' || true)
    [ -z "$missing" ] || fail "$name: libraries are missing: $missing"

    local says
    says=$("$home.new/bin/$family-server" --version) || fail "$name: the unpacked server does not run."
    says=$(sed -E 's/.*v=([0-9.]+).*/\1/' <<<"$says")
    case $says in
        "$version".*) ;;
        *) echo "fetch-servers: warning: Debian '$suite' now has $family $says, not $version" >&2 ;;
    esac
    answers_ping "$home.new" "$family" || fail "$name: the unpacked server does not answer PING."
    echo "$says" >"$home.new/.complete"
    mv "$home.new" "$home"
    echo "$name: fetched ($says)"
}

# Really starts the server, on a Unix socket so that no port is needed, and asks it.
answers_ping() {  # HOME FAMILY
    local home=$1 family=$2 socket=$work/ping.sock pid answer=no try
    "$home/bin/$family-server" --port 0 --unixsocket "$socket" --save '' --dir "$work" >"$work/ping.log" 2>&1 9>&- &
    pid=$!
    for try in $(seq 100); do
        [ "$("$home/bin/$family-cli" -s "$socket" ping 2>/dev/null)" = PONG ] && { answer=yes; break; }
        sleep 0.05
    done
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    rm -f "$socket"
    [ $answer = yes ] || { cat "$work/ping.log" >&2; return 1; }
}

work=$(mktemp -d "${TMPDIR:-/tmp}/fetch-servers.XXXXXX")
trap 'rm -rf "$work"' EXIT

fetch redis-7.0 bookworm redis 7.0 redis-server redis-sentinel redis-tools
fetch redis-8.0 trixie redis 8.0 redis-server redis-sentinel redis-tools
fetch valkey-8.1 trixie valkey 8.1 valkey-server valkey-sentinel valkey-tools
fetch valkey-9.1 sid valkey 9.1 valkey-server valkey-sentinel valkey-tools
