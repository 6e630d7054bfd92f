#!/usr/bin/env bash
# Builds the small libcurl that the static provider links, and prints the folder it is in (with
# include/ and lib/libcurl.a). The distribution's own libcurl cannot be linked statically: it needs
# Kerberos and LDAP. This one is made from the distribution's source package, patches included, and
# has HTTP/1.1, HTTP/2, TLS by OpenSSL, proxies and c-ares; nothing else.
#
#   scripts/build-curl.sh           # silent and quick if it is there already
#
# It is kept outside the work tree; the key in its name covers the versions of curl and of what it
# is built with, and this script.
set -euo pipefail

say() { printf '[%4ds] %s\n' "$SECONDS" "$*" >&2; }
die() { say "error: $*"; exit 1; }

# The caller's language must not change what is read below.
export LC_ALL=C
self=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/${BASH_SOURCE[0]##*/}
readonly self
root=${XDG_CACHE_HOME:-$HOME/.cache}/terraform-provider-wandb/curl

built_with=(libssl-dev libnghttp2-dev libc-ares-dev zlib1g-dev libc6-dev gcc)
versions=$(dpkg-query -W -f '${Package} ${Version} ${Architecture}\n' libcurl4-openssl-dev "${built_with[@]}") ||
  die 'packages are missing; run: make deps'
# The source package that the installed headers and libraries of curl were made from.
wanted=$(dpkg-query -W -f '${source:Version}' libcurl4-openssl-dev)
key=$({ echo "$versions"; cat "$self"; } | sha256sum | cut -c1-12)
readonly target=$root/$wanted-$key
if [[ -f $target/lib/libcurl.a ]]; then
  echo "$target"
  exit
fi

mkdir -p "$root"
exec 9>"$root/.lock"
flock -n 9 || { say 'waiting for another run of this script'; flock 9; }
if [[ -f $target/lib/libcurl.a ]]; then
  echo "$target"
  exit
fi

# apt downloads as a user of its own if it can, who must be able to look into the folder.
work=$(mktemp -d "${TMPDIR:-/tmp}/wandb-curl.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
log=$root/build.log
: >"$log"
run() { "$@" >>"$log" 2>&1 9>&- || { tail -30 "$log" >&2; die "$1 failed; the whole log is $log"; }; }

# An apt of its own: the system's keys, proxies and credentials, but its own lists and state. Its
# sources are those of the system, asked for source packages instead of binary ones. The lists are
# signed by the same keys, and name the checksums of the files.
mkdir -p "$work"/apt/{lists/partial,archives/partial,sources.list.d,unpacked}
eval "$(apt-config shell main Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d status Dir::State::status/f)"
touch "$work/apt/sources.list"
for file in "$main" "$parts"/*.list; do
  [[ ! -r $file ]] || sed -nE 's/^[[:space:]]*deb(-src)?[[:space:]]+/deb-src /p' "$file" >>"$work/apt/sources.list"
done
for file in "$parts"/*.sources; do
  [[ ! -r $file ]] || sed -E 's/^Types[[:space:]]*:.*/Types: deb-src/I' "$file" >"$work/apt/sources.list.d/${file##*/}"
done
apt=(apt-get -q -o "Dir::Etc::sourcelist=$work/apt/sources.list" -o "Dir::Etc::sourceparts=$work/apt/sources.list.d"
  -o "Dir::State=$work/apt" -o "Dir::State::status=$status" -o "Dir::Cache=$work/apt"
  -o Acquire::Languages=none -o Acquire::Retries=3)
say 'curl: lists of source packages'
# Some other repository of this machine may have none, or be out of reach: what counts is whether
# curl is found.
"${apt[@]}" update >>"$log" 2>&1 9>&- || say "some lists could not be read; see $log"
say "curl: source of $wanted"
cd "$work/apt/unpacked"
if ! "${apt[@]}" source --download-only "curl=$wanted" >>"$log" 2>&1 9>&-; then
  # Archives keep the newest version only.
  say "curl: $wanted is not there any more; taking the newest"
  run "${apt[@]}" source --download-only curl
fi
# apt has checked the files against the signed lists.
run dpkg-source --no-check -x ./*.dsc "$work/source"

say 'curl: building'
flags=(
  -DCMAKE_BUILD_TYPE=Release "-DCMAKE_INSTALL_PREFIX=$target" -DCMAKE_INSTALL_LIBDIR=lib
  '-DCMAKE_C_FLAGS=-ffunction-sections -fdata-sections'
  -DBUILD_SHARED_LIBS=OFF -DBUILD_CURL_EXE=OFF -DBUILD_TESTING=OFF -DENABLE_MANUAL=OFF
  # Only HTTP; names by c-ares, since the C library's resolver loads plugins at run time.
  -DHTTP_ONLY=ON -DENABLE_ARES=ON -DENABLE_IPV6=ON -DUSE_NGHTTP2=ON -DCURL_ZLIB=ON
  -DCURL_BROTLI=OFF -DCURL_ZSTD=OFF -DCURL_USE_LIBSSH2=OFF -DCURL_USE_LIBPSL=OFF -DUSE_LIBIDN2=OFF
  -DCURL_USE_GSSAPI=OFF -DCURL_DISABLE_LDAP=ON -DUSE_LIBRTMP=OFF
  # What the provider never uses; netrc would ask the C library for users.
  -DCURL_DISABLE_NETRC=ON -DCURL_DISABLE_COOKIES=ON -DCURL_DISABLE_ALTSVC=ON -DCURL_DISABLE_HSTS=ON
  -DCURL_DISABLE_NTLM=ON -DCURL_DISABLE_DOH=ON -DCURL_DISABLE_GETOPTIONS=ON
  -DENABLE_UNIX_SOCKETS=OFF
  # The provider finds the roots itself, and OpenSSL's configuration belongs to other programs.
  -DCURL_USE_OPENSSL=ON -DCURL_CA_BUNDLE=none -DCURL_CA_PATH=none -DCURL_DISABLE_OPENSSL_AUTO_LOAD_CONFIG=ON
)
run cmake -G Ninja -S "$work/source" -B "$work/build" "${flags[@]}"
run cmake --build "$work/build" -j "${JOBS:-$(nproc)}"
run env DESTDIR="$work/out" cmake --install "$work/build"
[[ -f $work/out$target/lib/libcurl.a ]] || die "no libcurl.a was made; see $log"
# In one step, so that a folder that exists is complete.
rm -rf "$target" "$target.new"
mv "$work/out$target" "$target.new"
mv -T "$target.new" "$target"
say "curl: built in $SECONDS s"
echo "$target"
