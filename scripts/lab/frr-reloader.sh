#!/bin/bash
# The container reloader: on SIGHUP it lets FRR's own script check and apply /etc/frr_reloader/frr.conf, and leaves what came of it in
# .status, last-error and running-config beside it. Passwords are taken out of what it prints.
dir=/etc/frr_reloader
reload=/usr/lib/frr/frr-reload.py

hide() { sed -E 's/(password) +[^ ",]+/\1 <retracted>/g'; }

failed() {
  echo "$1 $((SECONDS - start)) seconds"
  hide <"$dir/out" >"$dir/last-error"
  echo "$(date +%s) failure" >"$dir/.status"
}

apply() {
  start=$SECONDS
  echo "Caught SIGHUP and acquired lock! Reloading FRR.."
  echo "Checking the configuration file syntax"
  if ! python3 "$reload" --test --stdout "$dir/frr.conf" >"$dir/out" 2>&1; then
    hide <"$dir/out"
    failed "Syntax error spotted: aborting.."
    return
  fi
  echo "Applying the configuration file"
  if ! python3 "$reload" --reload --overwrite --stdout "$dir/frr.conf" >"$dir/out" 2>&1; then
    hide <"$dir/out"
    failed "Failed to fully apply configuration file"
    return
  fi
  hide <"$dir/out"
  vtysh -c 'show running-config' 2>/dev/null | hide >"$dir/running-config"
  echo "$(date +%s) success" >"$dir/.status"
  echo "FRR reloaded successfully! $((SECONDS - start)) seconds"
}

trap apply HUP
trap 'rm -f "$dir/reloader.pid"; exit 0' TERM INT
echo "PID is: $$, writing to $dir/reloader.pid"
printf '%s' "$$" >"$dir/reloader.pid"
while :; do
  sleep infinity &
  waiting=$!
  wait "$waiting"
  kill "$waiting" 2>/dev/null
done
