# shellcheck shell=bash
# What tools/run and tools/test share: packages, npm, build. Sourced, from the root of the tree.
# Each step looks first whether it has anything to do.

say() { printf '%s\n' "== $*" >&2; }

as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    say "root is needed for: $*"
    say "install sudo, or run this command as root, and start again"
    return 1
  fi
}

is_installed() {
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# missing_packages SECTION... : what tools/packages.txt lists there and the machine lacks
missing_packages() {
  local wanted=" $* " section='' package command
  while read -r package command; do
    case $package in
      '' | '#'*) continue ;;
      '['*) section=${package//[\[\]]/} && continue ;;
    esac
    [[ $wanted == *" $section "* ]] || continue
    if [[ -n $command ]]; then
      command -v "$command" >/dev/null || printf '%s\n' "$package"
    else
      is_installed "$package" || printf '%s\n' "$package"
    fi
  done <tools/packages.txt
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@" | sort -u)
  [[ ${#missing[@]} -gt 0 ]] || return 0
  say "installing ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
  # Wanted as programs; Debian starts them as services.
  local service
  for service in prometheus nginx; do
    if [[ " ${missing[*]} " == *" $service "* && -d /run/systemd/system ]]; then
      as_root systemctl disable --quiet --now "$service"
    fi
  done
}

# install_npm FOLDER : npm ci, when the lock file differs from what was installed last
install_npm() {
  local folder=$1 lock stamp
  stamp=build/stamps/npm-${folder//\//-}
  lock=$(sha256sum <"$folder/package-lock.json")
  if [[ -d $folder/node_modules && -f $stamp && $(<"$stamp") == "$lock" ]]; then
    return 0
  fi
  say "installing the packages of $folder"
  npm ci --prefix "$folder" --no-audit --no-fund --loglevel=error >&2
  mkdir -p build/stamps
  printf '%s\n' "$lock" >"$stamp"
}

# build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  [[ -f build/$preset/build.ninja ]] || cmake --preset "$preset"
  cmake --build --preset "$preset" -j"$(nproc)" ${1:+--target "$@"}
}
