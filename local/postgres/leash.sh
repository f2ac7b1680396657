# Runs a program, and stops it when the one who started this script is gone.
# usage: [REMOVE=DIRECTORY] sh leash.sh LOGFILE PROGRAM [ARGUMENT…]
# The first line of the output is the program's process id; standard input is the leash.
# REMOVE is deleted when the leash was let go and the program has ended.
log=$1
shift
rm -f "$log.released"
exec 3<&0
"$@" 3<&- </dev/null >>"$log" 2>&1 &
pid=$!
echo "$pid"
(
  cat <&3 >/dev/null
  : >"$log.released"
  kill -INT "$pid" 2>/dev/null
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    kill -0 "$pid" 2>/dev/null || exit 0
    sleep 0.2
  done
  kill -QUIT "$pid" 2>/dev/null
) &
watcher=$!
wait "$pid"
code=$?
kill "$watcher" 2>/dev/null
if [ -n "$REMOVE" ] && [ -e "$log.released" ]; then rm -rf "$REMOVE" 2>/dev/null; fi
exit "$code"
