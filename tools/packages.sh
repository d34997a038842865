# Sourced by demo.sh and test.sh: installs what is missing, on Debian and Ubuntu; elsewhere it says what is needed.
#
#	need build|test      or the script ends: 2 when it cannot install here, 1 when installing failed
#	want                 what single tests use (tests/e2e/packages.txt): without it they are skipped
#
# A name may have alternatives: `a|b` is a if that is installed or to be had, else b.

packages_build='gcc libc6-dev cmake ninja-build pkg-config|pkgconf libssl-dev libjson-c-dev libuv1-dev openssl ca-certificates
	zlib1g-dev libbrotli-dev libzstd-dev libpsl-dev libunbound-dev'
packages_test="$packages_build libcmocka-dev clang llvm python3 python3-jsonschema"

say() { printf '%s\n' "$*" >&2; }

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

installed() {
	case $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) in installed*) return 0 ;; esac
	return 1
}

available() { apt-cache show "$1" >/dev/null 2>&1; }

first_of() { # TEST a|b
	for package in $(printf '%s' "$2" | tr '|' ' '); do
		if "$1" "$package"; then printf '%s\n' "$package"; return 0; fi
	done
	return 1
}

missing_of() {
	for name; do first_of installed "$name" >/dev/null || printf '%s\n' "$name"; done
}

# Servers that come in packages must not start: while apt runs they may not, unless the machine has its own say in that.
without_services() {
	policy=/usr/sbin/policy-rc.d
	[ ! -e $policy ] || { "$@"; return; }
	trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
	trap 'exit 130' INT TERM
	printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
	as_root chmod 755 $policy
	status=0
	"$@" || status=$?
	as_root rm -f $policy
	trap - EXIT INT TERM
	return $status
}

apt_install() {
	log=$(mktemp)
	status=0
	without_services as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" \
		>"$log" 2>&1 </dev/null || status=$?
	[ $status = 0 ] || cat "$log" >&2
	rm -f "$log"
	return $status
}

# Clang's sanitizers and fuzzer are in a package of their own, named after its version, which clang only recommends; in
# older systems they are in one that clang brings along.
clang_runtime() {
	version=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p' | head -n 1)
	[ -z "$version" ] || first_of available "libclang-rt-$version-dev|libclang-common-$version-dev"
}

# Installs those of the packages that are missing and that this system has; the others are in $unknown.
install_missing() {
	unknown=''
	names=''
	# shellcheck disable=SC2046
	set -- $(missing_of "$@")
	[ $# -gt 0 ] || return 0
	for name; do
		first_of available "$name" >/dev/null || { as_root apt-get update -qq >&2; break; }
	done
	for name; do
		if found=$(first_of available "$name"); then names="$names $found"; else unknown="$unknown $name"; fi
	done
	[ -n "$names" ] || return 0
	say "installing:$names"
	# The lists may be old and name files that are gone: read them anew, once.
	# shellcheck disable=SC2086
	apt_install $names 2>/dev/null || { as_root apt-get update -qq >&2 && apt_install $names; }
}

can_install() {
	command -v apt-get >/dev/null && command -v dpkg-query >/dev/null &&
		{ [ "$(id -u)" = 0 ] || command -v sudo >/dev/null; }
}

# Is everything there without a package manager that we know?
have() {
	for tool in cc cmake pkg-config openssl; do command -v $tool >/dev/null || return 1; done
	pkg-config --exists 'libcrypto >= 3.0' 'json-c >= 0.15' 'libuv >= 1.40' || return 1
	[ "$1" = build ] || { pkg-config --exists cmocka && command -v clang >/dev/null && command -v python3 >/dev/null; }
}

need() {
	eval "wanted=\$packages_$1"
	if can_install; then
		# shellcheck disable=SC2086
		install_missing $wanted || exit 1
		# What clang is called is known only now, on a machine whose package lists were empty.
		[ "$1" = build ] || install_missing $(clang_runtime) || exit 1
		[ -z "$unknown" ] || { say "this system has no package$unknown"; exit 2; }
	elif ! have "$1"; then
		say 'Installing packages works on Debian and Ubuntu, as root or with sudo. Please install, by whatever name:'
		say '  a C11 compiler, cmake 3.20, ninja, pkg-config, the openssl program;'
		say '  the development files of OpenSSL 3.0, json-c 0.15, libuv 1.40;'
		[ "$1" = build ] || say '  cmocka, clang with libFuzzer, llvm, python3 with jsonschema.'
		say "  Debian's names: $wanted"
		exit 2
	fi
}

# Validators that no package of the system has, in a folder of the build; without them the tests say which did not run.
want_validators() {
	[ ! -e build/validators/cyclonedx ] && command -v pip3 >/dev/null || return 0
	pip3 install --quiet --target build/validators 'cyclonedx-python-lib[json-validation]==11.12.0' >&2 ||
		say 'the validator of CycloneDX could not be installed'
}

want() {
	can_install || return 0
	wanted=''
	while read -r name command; do
		case $name in '' | '#'*) continue ;; esac
		[ -n "$command" ] && PATH=$PATH:/usr/sbin:/usr/lib/nss command -v "$command" >/dev/null || wanted="$wanted $name"
	done <tests/e2e/packages.txt
	# shellcheck disable=SC2086
	install_missing $wanted || say 'some packages could not be installed'
	[ -z "$unknown" ] || say "not to be had here, tests that need them are skipped:$unknown"
	want_validators
}
