#!/bin/sh
# Links the released program; the arguments are the linker and its own.
# Beside this script lies order.txt, the functions that a render runs (link/record).
here=$(dirname "$0")

# Names without what differs from build to build: the hash of an older Rust name,
# the crate's number in a newer one.
plain='function plain(name) {
  sub(/17h[0-9a-f]+E([.]llvm[.][0-9]+)?$/, "", name)
  gsub(/Cs[0-9A-Za-z]+_/, "Cs_", name)
  return name
}'

# LLD puts functions in the order of a list of their names in this build.
case " $* " in
*" -fuse-ld=lld "*)
  for argument; do
    case $argument in *.o) nm --defined-only "$argument" ;; esac
  done 2>/dev/null | awk "$plain"'
    NR == FNR { order[++count] = $1; listed[$1] = 1; next }
    plain($3) in listed { names[plain($3)] = names[plain($3)] $3 "\n" }
    END {
      # The names that are not found are of the C library: LLD knows those as they are.
      for (i = 1; i <= count; i++) printf "%s", order[i] in names ? names[order[i]] : order[i] "\n"
    }' "$here/order.txt" - >"$here/order" &&
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
