#!/bin/sh
# Links the released program; the arguments are the linker and its own.
# Beside this script lies order.txt, the functions that a render runs (link/record).
here=$(dirname "$0")

# LLD puts functions in the order of a list of their names in this build. Names differ
# from build to build by a hash (an older name) or by a crate's number (a newer one);
# of many that are the same but for that, the one of the recorded size is meant.
case " $* " in
*" -fuse-ld=lld "*)
  for argument; do
    case $argument in *.o) nm --defined-only --print-size "$argument" ;; esac
  done 2>/dev/null | awk '
    function plain(name) {
      sub(/17h[0-9a-f]+E([.]llvm[.][0-9]+)?$/, "", name)
      gsub(/Cs[0-9A-Za-z]+_/, "Cs_", name)
      return name
    }
    NR == FNR { order[++count] = $0; listed[$1] = 1; next }
    { name = plain($4) }
    name in listed {
      sized[name " " $2] = sized[name " " $2] $4 "\n"
      named[name] = named[name] $4 "\n"
    }
    END {
      for (i = 1; i <= count; i++) {
        split(order[i], function_, " ")
        if (order[i] in sized) printf "%s", sized[order[i]]
        else if (function_[1] in named) printf "%s", named[function_[1]]
        # Not one of the objects: one of the C library, which LLD knows as it is.
        else print function_[1]
      }
    }' "$here/order.txt" - | awk '!seen[$0]++' >"$here/order" &&
    set -- "$@" --symbol-ordering-file="$here/order" --no-warn-symbol-ordering
  ;;
esac
"$@" || exit

# LLD writes through a mapping, and so the file lies in the page cache in pieces of
# 4 KiB: every start of it then costs half a millisecond more than that of a copy.
while [ $# -gt 1 ]; do
  if [ "$1" = -o ] && [ -x "$2" ]; then
    cp "$2" "$2.anew" && mv "$2.anew" "$2" || exit
  fi
  shift
done
