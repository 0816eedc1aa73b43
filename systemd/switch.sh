#!/bin/bash
# naijcloud-switch [a|b]: starts that slot of the edge (the one that does not run, unless one is named), which takes over
# from the other one. When it cannot, the other one goes on as if nothing had been.
set -euo pipefail

unit() { echo "naijcloud-edge@$1.service"; }
slot=${1-}
if [[ -z $slot ]]; then
  slot=a
  ! systemctl is-active --quiet "$(unit a)" || slot=b
fi
case $slot in
  a) other=b ;;
  b) other=a ;;
  *) echo "naijcloud-switch $slot: expected a or b" >&2 && exit 1 ;;
esac
if systemctl is-active --quiet "$(unit $slot)"; then
  echo "naijcloud-switch: slot $slot runs already; to renew its workers: systemctl kill -s USR2 --kill-who=main $(unit $slot)" >&2
  exit 1
fi
systemctl reset-failed "$(unit $slot)" 2>/dev/null || true
if ! systemctl start "$(unit $slot)"; then
  echo "naijcloud-switch: slot $slot did not start, slot $other goes on: journalctl -u $(unit $slot) -n 50" >&2
  systemctl stop "$(unit $slot)" || true
  exit 1
fi
systemctl --quiet enable "$(unit $slot)"
systemctl --quiet disable "$(unit $other)"
echo "slot $slot serves; slot $other finishes what it has begun and leaves"
