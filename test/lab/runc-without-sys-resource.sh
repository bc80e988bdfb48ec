#!/bin/sh
# OCI runtime for lab machines whose root lacks CAP_SYS_RESOURCE. There runc refuses a negative oom_score_adj, the capability
# itself, and rlimits above the hard limit; this takes just those out of the bundle and hands over to runc.
set -eu
bundle=.
previous=
for argument in "$@"; do
  case $previous in --bundle | -b) bundle=$argument ;; esac
  previous=$argument
done
case " $* " in
  *' create '* | *' run '*)
    if [ -f "$bundle/config.json" ]; then
      sed -i -E \
        -e 's/"oomScoreAdj":-[0-9]+/"oomScoreAdj":0/' \
        -e 's/"CAP_SYS_RESOURCE",?//g' -e 's/,\]/]/g' \
        -e 's/"rlimits":\[[^]]*\],?//' \
        "$bundle/config.json"
    fi
    ;;
esac
exec runc "$@"
