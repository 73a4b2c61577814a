#!/usr/bin/env bash
# Starts a command that outlives its caller, in a session of its own.
#   daemon.sh LOG PIDFILE COMMAND...     appends its output to LOG and writes its process id to PIDFILE
log=$1 pidfile=$2
shift 2
exec </dev/null >>"$log" 2>&1
# Erlang sizes its port table by this limit, and .NET needs few: enough, but not the billion that containers give.
ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)" 2>/dev/null
# In a script a background job is no group leader, so setsid replaces itself by the command and keeps the process id.
setsid "$@" &
echo $! >"$pidfile"
