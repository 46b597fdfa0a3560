#!/usr/bin/env bash
# Installs what OnCell needs of a Debian or Ubuntu host and this machine lacks; silent and fast when nothing is missing.
#   eng/setup.sh          install (root)
#   eng/setup.sh --check  only list what is missing; exit code 1 when something is
set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive PATH="$PATH:/usr/sbin:/sbin"

readonly RUNSC_MINIMUM=20240729   # keep equal to RunscVersion.Minimum
readonly BACKPORTS=/etc/apt/sources.list.d/oncell-backports.sources
readonly DEBIAN_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# "runsc version 0.0~20240729.0" (Debian) and "runsc version release-20240729.0" (gVisor) both give 20240729.
runsc_release() { grep -oE '[0-9]{8}' <<<"$1" | head -n 1; }
runsc_is_new() { has runsc && [ "$(runsc_release "$(runsc --version 2>/dev/null | head -n 1)")" -ge "$RUNSC_MINIMUM" ] 2>/dev/null; }

# what it is for | how to tell that it is there | Debian package
requirements() {
  cat <<'LIST'
builds base systems from packages|has mmdebstrap|mmdebstrap
makes the volumes' file systems|has mkfs.ext4 && has e2fsck|e2fsprogs
attaches loop devices|has losetup|mount
freezes file systems|has fsfreeze|util-linux
clones and serves repositories|has git && [ -x "$(git --exec-path)/git-http-backend" ]|git
links the native guest|has gcc|gcc
links the native guest (C library)|[ -e /usr/include/stdio.h ]|libc6-dev
links the native guest (zlib)|[ -e /usr/include/zlib.h ]|zlib1g-dev
is measured against in the benchmarks|has rg|ripgrep
runs the sandboxes of the Docker runtime|has dockerd && has containerd|docker.io
fetches model weights, checkers and tools of peers|has npm|npm
shows the dashboard to its tests|has chromium|chromium
is the terminal of the command's tests|has tmux|tmux
verifies downloads|[ -e /etc/ssl/certs/ca-certificates.crt ]|ca-certificates
LIST
}

missing=()
find_missing() {
  local purpose test package
  missing=()
  while IFS='|' read -r purpose test package; do
    eval "$test" || missing+=("$package|$purpose")
  done < <(requirements)
  runsc_is_new || missing+=("runsc|runs the sandboxes (gVisor, $RUNSC_MINIMUM or newer)")
}

list_missing() {
  local entry
  for entry in "${missing[@]}"; do printf '  %-16s %s\n' "${entry%%|*}" "${entry#*|}"; done
}

distribution() { (. /etc/os-release 2>/dev/null && printf '%s' "${ID:-unknown}"); }
codename() { (. /etc/os-release 2>/dev/null && printf '%s' "${VERSION_CODENAME:-}"); }

# The version of runsc that apt would install from the given release (or by default), as a number; 0 for none.
runsc_candidate() {
  local version
  version=$(apt-cache policy runsc 2>/dev/null | sed -n 's/^  Candidate: //p')
  [ $# -eq 0 ] || version=$(apt-cache madison runsc 2>/dev/null | awk -F'|' -v r="$1" '$3 ~ r {print $2; exit}')
  version=$(runsc_release "${version:-}")
  printf '%s' "${version:-0}"
}

debian_mirror() {
  local mirror
  mirror=$(apt-get indextargets --format '$(SITE) $(CODENAME)' 2>/dev/null | awk -v c="$(codename)" '$2 == c {print $1; exit}')
  [ -n "$mirror" ] || mirror=http://deb.debian.org/debian
  printf '%s' "$mirror"
}

# Leaves in runsc_source the apt-get options that reach a new enough runsc.
runsc_source=()
find_runsc() {
  [ "$(runsc_candidate)" -lt "$RUNSC_MINIMUM" ] || return 0
  local suite; suite="$(codename)-backports"
  if [ "$(distribution)" = debian ] && [ -n "$(codename)" ]; then
    if [ "$(runsc_candidate "$suite")" -lt "$RUNSC_MINIMUM" ] && [ ! -e "$BACKPORTS" ]; then
      say "adding $suite to apt ($BACKPORTS, signed by Debian's own key)"
      printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' \
        "$(debian_mirror)" "$suite" "$DEBIAN_KEYRING" > "$BACKPORTS"
      apt-get update -qq
    fi
    if [ "$(runsc_candidate "$suite")" -ge "$RUNSC_MINIMUM" ]; then runsc_source=(-t "$suite"); return 0; fi
  fi
  die "this distribution has no runsc of $RUNSC_MINIMUM or newer: install one as https://gvisor.dev/docs/user_guide/install says, then run this again"
}

install() { # options and packages of apt-get install
  say "$({ apt-get install --assume-no --no-install-recommends "$@" 2>/dev/null || true; } | sed -n 's/ of archives.$//; s/^Need to get /downloading /p') for: ${*//-t/from}"
  apt-get install -y -qq --no-install-recommends "$@" >/tmp/oncell-setup.log 2>&1 </dev/null \
    || { tail -n 20 /tmp/oncell-setup.log >&2; die "apt-get could not install $* (log: /tmp/oncell-setup.log)"; }
}

# A kernel that has them as modules loads them on first use only where something asks.
load_modules() {
  [ -e /dev/loop-control ] || modprobe loop 2>/dev/null || true
  grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null || true
  [ -e /dev/loop-control ] || die "this kernel has no loop devices (/dev/loop-control): cells keep their files on them"
  grep -qw overlay /proc/filesystems || die "this kernel has no overlayfs: the cells' root file system is made of it"
}

find_missing
if [ "${1:-}" = --check ]; then
  [ ${#missing[@]} -gt 0 ] || exit 0
  say "missing:"; list_missing; exit 1
fi
if [ ${#missing[@]} -gt 0 ]; then
  case "$(distribution)" in
    debian|ubuntu) has apt-get || die "apt-get is not here" ;;
    *) say "this is not Debian or Ubuntu; install by its own means, then run this again:"; list_missing; exit 1 ;;
  esac
  [ "$(id -u)" = 0 ] || { say "missing:"; list_missing; die "run it as root: sudo $0"; }
  say "missing:"; list_missing
  say "reading the package lists"
  apt-get update -qq || say "some package lists could not be read; trying with what is there"
  packages=(); wants_runsc=false
  for entry in "${missing[@]}"; do
    if [ "${entry%%|*}" = runsc ]; then wants_runsc=true; else packages+=("${entry%%|*}"); fi
  done
  [ ${#packages[@]} -eq 0 ] || install "${packages[@]}"
  if $wants_runsc; then find_runsc; install ${runsc_source[@]+"${runsc_source[@]}"} runsc; fi
  find_missing
  [ ${#missing[@]} -eq 0 ] || { say "still missing:"; list_missing; exit 1; }
  say "done"
fi
[ "$(id -u)" != 0 ] || load_modules
