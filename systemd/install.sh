#!/bin/bash
# Installs NaijCloud Edge and Control on this machine: from an unpacked release, or from a checkout after `npm ci`.
# Again: brings the machine to the same state. Running services are left alone; what to do next is printed at the end.
set -euo pipefail

usage() {
  cat <<'END'
Usage: install.sh [--prefix DIR] [--slot a|b] [--dry-run]
       install.sh --uninstall [--purge] [--prefix DIR] [--dry-run]

  --prefix DIR  where the programs go (default /opt/naijcloud)
  --slot a|b    the slot of the edge that gets this version (default: the one that does not run; a at first)
  --root DIR    install into a tree below DIR: no users are made, no manager is told (for images and packages)
  --dry-run     say what would be done
  --uninstall   stop and remove programs and units; configuration, cache and state stay
  --purge       with --uninstall: remove these, too, and the users
END
}

prefix=/opt/naijcloud root='' slot='' is_dry='' is_removal='' is_purge=''
fail() {
  echo "install.sh: $*" >&2
  exit 1
}
while (($# > 0)); do
  case $1 in
    --prefix) prefix=${2-} && shift ;;
    --root) root=${2-} && shift ;;
    --slot) slot=${2-} && shift ;;
    --dry-run) is_dry=1 ;;
    --uninstall) is_removal=1 ;;
    --purge) is_purge=1 ;;
    --help) usage && exit 0 ;;
    *) usage >&2 && fail "$1: no such option" ;;
  esac
  shift || { usage >&2 && fail 'an option lacks its value'; }
done
[[ $prefix =~ ^/[A-Za-z0-9._/-]+$ ]] || fail "--prefix ${prefix:-nothing}: expected an absolute path of letters, digits, . _ - and /"
[[ -z $root || $root == /* ]] || fail "--root $root: expected an absolute path"
[[ $slot == '' || $slot == a || $slot == b ]] || fail "--slot $slot: expected a or b"
[[ -z $is_purge || -n $is_removal ]] || fail '--purge: only with --uninstall'
[[ -n $is_dry || -n $root || $EUID -eq 0 ]] || fail 'this needs root (or --dry-run, or --root DIR)'

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$(dirname "$here")
etc=$root/etc/naijcloud
units=$root/etc/systemd/system
programs=$root$prefix

# --- doing, or saying what would be done ------------------------------------------------------------------------------

say() { echo "  $*"; }
run() {
  if [[ -n $is_dry ]]; then say "would: $*"; else "$@"; fi
}
# Of a manager that runs; in a tree, and in a container without one, there is nobody to tell.
has_manager() { [[ -z $root && -d /run/systemd/system ]]; }
manage() {
  has_manager || return 0
  run systemctl "$@"
}
# Writes standard input to $1 with mode $2, if it is not the same already.
put() {
  local path=$1 mode=$2 text
  text=$(cat; echo .)
  text=${text%.}
  if [[ -f $path && $(cat "$path"; echo .) == "$text." ]]; then return 0; fi
  if [[ -n $is_dry ]]; then say "would write $path" && return 0; fi
  mkdir -p "$(dirname "$path")"
  printf %s "$text" >"$path.new"
  chmod "$mode" "$path.new"
  mv -f "$path.new" "$path"
  say "wrote $path"
}
# Has the link $2 lead to $1, in one step.
link() {
  if [[ $(readlink "$2" || true) == "$1" ]]; then return 0; fi
  if [[ -n $is_dry ]]; then say "would link $2 -> $1" && return 0; fi
  mkdir -p "$(dirname "$2")"
  ln -sfn "$1" "$2.new"
  mv -fT "$2.new" "$2"
  say "linked $2 -> $1"
}
is_active() { has_manager && systemctl is-active --quiet "$1"; }

# --- removing ---------------------------------------------------------------------------------------------------------

files=(
  "$units/naijcloud-edge@.service" "$units/naijcloud-control.service" "$units/naijcloud.slice"
  "$units/naijcloud-edge-metrics.service" "$units/naijcloud-edge-metrics.timer"
  "$root/usr/lib/sysusers.d/naijcloud.conf" "$root/usr/lib/tmpfiles.d/naijcloud.conf"
  "$root/etc/sysctl.d/60-naijcloud.conf" "$root/usr/share/bash-completion/completions/naijctl"
  "$root/usr/local/bin/naij-edge" "$root/usr/local/bin/naij-control" "$root/usr/local/bin/naijctl"
  "$root/usr/local/sbin/naijcloud-switch"
)

uninstall() {
  echo "Removing NaijCloud from ${root:-this machine}:"
  manage disable --now naijcloud-edge@a.service naijcloud-edge@b.service naijcloud-control.service naijcloud-edge-metrics.timer || true
  local file
  for file in "${files[@]}"; do
    [[ -e $file || -L $file ]] || continue
    run rm -f "$file" && say "removed $file"
  done
  if [[ -d $programs ]]; then run rm -rf "$programs/releases" "$programs/slots" && say "removed $programs"; fi
  [[ ! -d $programs ]] || run rmdir --ignore-fail-on-non-empty "$programs"
  manage daemon-reload
  local kept=("$etc" "$root/var/cache/naijcloud-edge" "$root/var/lib/naijcloud-edge" "$root/var/lib/naijcloud-control")
  for file in "${kept[@]}"; do
    [[ -d $file ]] || continue
    if [[ -n $is_purge ]]; then run rm -rf "$file" && say "removed $file"; else say "kept $file"; fi
  done
  if [[ -n $is_purge && -z $root ]]; then
    for user in naijcloud-edge naijcloud-control; do ! id "$user" >/dev/null 2>&1 || run userdel "$user"; done
    ! getent group naijcloud >/dev/null || run groupdel naijcloud
  fi
  [[ -n $is_purge ]] || echo 'What was kept goes with: install.sh --uninstall --purge'
}

# --- installing -------------------------------------------------------------------------------------------------------

# Sets `node`: a Node that can run this, at the place where the units will find it.
find_node() {
  node=$(command -v node || true)
  [[ -n $node ]] || fail 'node is not there: Node 20 or 22 is needed (Debian: the package nodejs of nodesource, or a tarball in /usr/local)'
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  [[ $major == 20 || $major == 22 ]] || fail "node is version $major, expected 20 or 22"
  node=$(readlink -f "$node")
  case $node in /home/* | /root/*) fail "$node: the services may not look below /home and /root: install Node for all users" ;; esac
}

# Sets `release`: a directory with everything in it, checked.
find_release() {
  if [[ -f $source/SHA256SUMS ]]; then
    release=$source
    (cd "$release" && sha256sum --check --quiet --strict SHA256SUMS) || fail "$release: files are not what the release had: unpack it again"
  elif [[ -f $source/.ci/release.mjs ]]; then
    staged=$(mktemp -d)
    trap 'rm -rf "$staged"' EXIT
    (cd "$source" && node .ci/release.mjs --directory-only --out "$staged" >/dev/null) || fail "$source cannot be made a release: see above"
    release=$(echo "$staged"/*)
  else
    fail "$source is neither a release nor a checkout"
  fi
}

# Sets `version`: its name and what is in it, so that two of one version do not mix.
name_release() {
  version=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1])).version' "$release/package.json")
  version=$version-$(sha256sum "$release/SHA256SUMS" | cut -c1-8)
}

choose_slot() {
  [[ -z $slot ]] || return 0
  slot=a
  ! is_active naijcloud-edge@a.service || slot=b
}

copy_release() {
  local target=$programs/releases/$version
  [[ ! -f $target/SHA256SUMS ]] || return 0
  if [[ -n $is_dry ]]; then say "would copy this version to $target" && return 0; fi
  mkdir -p "$programs/releases"
  rm -rf "$target.new"
  cp -a --no-preserve=ownership "$release" "$target.new"
  chmod -R u=rwX,go=rX "$target.new"
  mv -T "$target.new" "$target"
  say "copied this version to $target"
}

write_units() {
  local unit
  for unit in 'naijcloud-edge@.service' naijcloud-control.service naijcloud.slice naijcloud-edge-metrics.{service,timer}; do
    sed -e "s#/usr/bin/node#$node#; s#/opt/naijcloud/#$prefix/#" "$here/$unit" | put "$units/$unit" 644
  done
  put "$root/usr/lib/sysusers.d/naijcloud.conf" 644 <"$here/sysusers.d/naijcloud.conf"
  put "$root/usr/lib/tmpfiles.d/naijcloud.conf" 644 <"$here/tmpfiles.d/naijcloud.conf"
  put "$root/etc/sysctl.d/60-naijcloud.conf" 644 <"$here/sysctl.d/60-naijcloud.conf"
}

write_programs() {
  local name
  for name in edge/main:naij-edge control/main:naij-control control/cli:naijctl; do
    printf '#!/bin/sh\nexec %s %s/slots/control/dist/%s.js "$@"\n' "$node" "$prefix" "${name%:*}" | put "$root/usr/local/bin/${name#*:}" 755
  done
  put "$root/usr/local/sbin/naijcloud-switch" 755 <"$here/switch.sh"
  "$node" "$release/dist/control/cli.js" completion bash | put "$root/usr/share/bash-completion/completions/naijctl" 644
}

# What an admin has written is never touched.
write_config() {
  local file
  for file in edge.json control.json; do
    [[ -e $etc/$file ]] || put "$etc/$file" 640 <"$here/etc/$file"
  done
}

tell_machine() {
  [[ -z $root ]] || return 0
  run systemd-sysusers "$root/usr/lib/sysusers.d/naijcloud.conf"
  run systemd-tmpfiles --create "$root/usr/lib/tmpfiles.d/naijcloud.conf"
  # A setting that this kernel does not have is said by it, and no reason to stop.
  run sysctl --quiet --load /etc/sysctl.d/60-naijcloud.conf || say 'some kernel settings could not be made: see above'
  manage daemon-reload
}

# Those that no slot leads to, but for the youngest two.
drop_old() {
  local used old
  [[ -d $programs/releases ]] || return 0
  used=$(for each in "$programs"/slots/*; do basename "$(readlink "$each")"; done)
  for old in $(ls -1t "$programs/releases" | tail -n +3); do
    grep -qxF "$old" <<<"$used" || { run rm -rf "$programs/releases/$old" && say "removed the old version $old"; }
  done
}

next_steps() {
  echo 'Next:'
  if is_active naijcloud-edge@a.service || is_active naijcloud-edge@b.service; then
    echo "  naijcloud-switch $slot                        # the new version takes over, no request is lost"
    if is_active naijcloud-control.service; then echo '  systemctl restart naijcloud-control        # edges go on meanwhile'; fi
    echo '  naijctl doctor --config /etc/naijcloud/edge.json'
  else
    echo '  $EDITOR /etc/naijcloud/edge.json            # your hosts and origins'
    echo "  systemctl enable --now naijcloud-edge@$slot     # (and naijcloud-control, if admins are to use its API)"
    echo '  naijctl doctor --config /etc/naijcloud/edge.json'
  fi
}

if [[ -n $is_removal ]]; then
  uninstall
  exit 0
fi
find_node
find_release
name_release
choose_slot
echo "Installing NaijCloud $version${root:+ below $root}, slot $slot:"
copy_release
write_units
write_programs
write_config
link "../releases/$version" "$programs/slots/$slot"
link "../releases/$version" "$programs/slots/control"
# The first time both slots are there, so that either can be started.
[[ -L $programs/slots/b || $slot != a ]] || link "../releases/$version" "$programs/slots/b"
[[ -L $programs/slots/a || $slot != b ]] || link "../releases/$version" "$programs/slots/a"
tell_machine
drop_old
echo 'Done.'
next_steps
