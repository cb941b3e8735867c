#!/usr/bin/env bash
# Makes sure that ringfall can be built and run here ("setup.sh run"), and tested ("setup.sh test").
#
# On Debian, Ubuntu and their derivatives it installs missing packages with apt, and only those, and says why. Elsewhere it
# prints what to install and continues. If nothing is missing it prints one line and changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

purpose=${1:-run}
if [[ $# -gt 1 || ($purpose != run && $purpose != test) ]]; then
  echo "usage: scripts/setup.sh [run|test]" >&2
  exit 2
fi

say() { printf 'setup: %s\n' "$*"; }
fail() {
  printf 'setup: %s\n' "$@" >&2
  exit 1
}

# --- Rust --------------------------------------------------------------------------------------------------------------

# The one in Cargo.toml, so that there is one place to change it.
rust_wanted=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
how_to_get_rust="curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh     (or see https://rustup.rs)"

if ! command -v cargo >/dev/null || ! command -v rustc >/dev/null; then
  fail "Rust $rust_wanted or newer is needed and there is none (no cargo and rustc in PATH). To get it:" \
    "  $how_to_get_rust" "then open a new shell and try again."
fi
# RUSTUP_TOOLCHAIN and the like may name a toolchain that is not installed; rustc's own message tells which.
rust_here=$(rustc --version) || fail "rustc is there but does not run, see above."
rust_here=$(cut -d ' ' -f 2 <<<"$rust_here")
if [[ $(printf '%s\n%s\n' "$rust_wanted" "${rust_here%%-*}" | sort -V | head -n 1) != "$rust_wanted" ]]; then
  if command -v rustup >/dev/null; then how_to_get_rust="rustup update"; fi
  fail "Rust $rust_wanted or newer is needed, this is $rust_here. To get it:" "  $how_to_get_rust"
fi
if [[ $purpose == test ]]; then
  for component in fmt:rustfmt clippy:clippy; do
    cargo "${component%:*}" --version >/dev/null 2>&1 ||
      fail "the tests need cargo ${component%:*}. To get it:" "  rustup component add ${component#*:}"
  done
fi

# --- Other missing packages ----------------------------------------------------------------------------------------------

system=$(uname -s)
case $system in
  Linux) ;;
  Darwin)
    command -v cc >/dev/null || fail "no C compiler, which Rust links with. To get it:" "  xcode-select --install"
    say "everything is there"
    exit 0
    ;;
  *)
    say "no list for $system: what is needed is a C compiler to link with, and Vulkan, Metal or Direct3D 12. Going on."
    exit 0
    ;;
esac

# ldconfig knows every library that dlopen finds in the usual places; it is in sbin, which is not in every user's PATH.
libraries=$(PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null || true)

has_python() { python3 -c "import $1" 2>/dev/null || /usr/bin/python3 -c "import $1" 2>/dev/null; }
has_command() { command -v "$1" >/dev/null; }
has_alsa_headers() { has_command pkg-config && pkg-config --exists alsa; }
has_library() { [[ $libraries == *"$1 ("* ]]; }
has_vulkan_driver() {
  compgen -G "/usr/share/vulkan/icd.d/$1" >/dev/null || compgen -G "/etc/vulkan/icd.d/$1" >/dev/null ||
    compgen -G "/usr/local/share/vulkan/icd.d/$1" >/dev/null || [[ -n ${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-} ]]
}

# Missing packages: names for apt, dnf and pacman, and the reasons. "need" stops the set-up if it cannot be installed,
# "want" does not: without it a part of the program or of the tests is not available.
apt_needed=() apt_wanted=() dnf=() pacman=() reasons=()
missing() { # need|want  apt  dnf  pacman  why
  case $1 in
    need) apt_needed+=("$2") ;;
    want) apt_wanted+=("$2") ;;
  esac
  dnf+=("$3")
  pacman+=("$4")
  reasons+=("$(printf '%-22s %s' "$2" "$5")")
}

look() {
  apt_needed=() apt_wanted=() dnf=() pacman=() reasons=()
  # gcc only recommends the C library's headers and start files, without which it cannot link.
  has_command cc || missing need "gcc" gcc gcc "to link Rust programs (cc)"
  [[ -e /usr/include/stdlib.h ]] ||
    missing need "libc6-dev" glibc-devel glibc "to link Rust programs (the C library's files)"
  has_command pkg-config || missing need "pkg-config" pkgconf-pkg-config pkgconf "to find ALSA when building"
  has_alsa_headers || missing need "libasound2-dev" alsa-lib-devel alsa-lib "to build the sound card's source (ALSA)"
  has_library libvulkan.so.1 || missing need "libvulkan1" vulkan-loader vulkan-icd-loader "to draw (Vulkan's loader)"
  if [[ $purpose == run ]]; then
    has_vulkan_driver '*.json' ||
      missing need "mesa-vulkan-drivers" mesa-vulkan-drivers vulkan-swrast "to draw (a Vulkan driver for this GPU, or for none)"
  else
    has_vulkan_driver 'lvp_icd*.json' ||
      missing need "mesa-vulkan-drivers" mesa-vulkan-drivers vulkan-swrast "to test without a GPU (Mesa's software Vulkan)"
  fi
  # winit loads these when the window opens, so only their presence can be checked.
  has_library libX11.so.6 || missing want "libx11-6" libX11 libx11 "for the window (X11)"
  has_library libX11-xcb.so.1 || missing want "libx11-xcb1" libX11-xcb libx11 "for the window (X11)"
  has_library libxcb.so.1 || missing want "libxcb1" libxcb libxcb "for the window (X11)"
  has_library libXcursor.so.1 || missing want "libxcursor1" libXcursor libxcursor "for the window (X11: its cursor)"
  has_library libXi.so.6 || missing want "libxi6" libXi libxi "for the window (X11: mouse and keys)"
  has_library libxkbcommon-x11.so.0 ||
    missing want "libxkbcommon-x11-0" libxkbcommon-x11 libxkbcommon-x11 "for the window (X11: keys)"
  has_library libxkbcommon.so.0 || missing want "libxkbcommon0" libxkbcommon libxkbcommon "for the window (keys)"
  has_library libwayland-client.so.0 ||
    missing want "libwayland-client0" libwayland-client wayland "for the window (Wayland)"
  if [[ $purpose == test ]]; then
    has_command Xvfb || missing want "xvfb" xorg-x11-server-Xvfb xorg-server-xvfb "to test the window without a screen"
    has_command xdotool || missing want "xdotool" xdotool xdotool "to press the window's keys in that test"
    has_command openbox || missing want "openbox" openbox openbox "to test full screen, which takes a window manager"
    has_command shellcheck || missing want "shellcheck" ShellCheck shellcheck "to check the shell scripts"
    has_command ffmpeg || missing want "ffmpeg" ffmpeg-free ffmpeg "to test videos, cameras, and MP3 and Vorbis files"
    has_command socat || missing want "socat" socat socat "to test datagrams of another program"
    has_python zmq || missing want "python3-zmq" python3-zmq python-pyzmq "to test ZeroMQ with libzmq"
    has_python websockets || missing want "python3-websockets" python3-websockets python-websockets "to test --publish ws://"
  fi
}

look
if [[ ${#reasons[@]} -eq 0 ]]; then
  say "everything is there"
  exit 0
fi
say "missing here:"
printf '  %s\n' "${reasons[@]}"

# --- Install it, or say how --------------------------------------------------------------------------------------------------

if ! has_command apt-get; then
  say "this system has no apt; install these yourself. Going on without."
  if has_command dnf; then
    printf '  sudo dnf install %s\n' "${dnf[*]}"
  elif has_command pacman; then
    printf '  sudo pacman -S --needed %s\n' "$(printf '%s\n' "${pacman[@]}" | sort -u | tr '\n' ' ')"
  else
    echo "  The names above are Debian's; other systems have them under much the same names."
  fi
  exit 0
fi

packages=(${apt_needed[@]+"${apt_needed[@]}"} ${apt_wanted[@]+"${apt_wanted[@]}"})
by_hand="apt-get install ${packages[*]}"

cannot() {
  if [[ ${#apt_needed[@]} -gt 0 ]]; then
    fail "$1" "As root, run:" "  $by_hand" "and try again."
  fi
  say "$1"
  say "Going on without; to have it all, run as root: $by_hand"
  exit 0
}

as_root=()
if [[ $EUID -ne 0 ]]; then
  has_command sudo || cannot "cannot install them: this is not root, and there is no sudo."
  as_root=(sudo)
fi
apt() {
  ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@"
}

say "installing with apt: ${packages[*]}"
# A mirror that does not answer matters only if the install then fails.
apt update || say "apt-get update failed; trying with the lists that are there"
apt install --yes --no-install-recommends "${packages[@]}" || cannot "apt could not install them, see above."

libraries=$(PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null || true)
look
if [[ ${#reasons[@]} -gt 0 ]]; then
  say "still missing, though apt has installed its package:"
  printf '  %s\n' "${reasons[@]}"
  [[ ${#apt_needed[@]} -eq 0 ]] || exit 1
fi
say "done"
