# Sourced by demo.sh and test.sh.
#
#	build PRESET [TARGET...]     configures and builds build/PRESET with all cores; quiet unless it fails

generator() { if command -v ninja >/dev/null; then echo Ninja; else echo 'Unix Makefiles'; fi; }

build() {
	preset=$1
	shift
	folder=build/$preset
	mkdir -p "$folder"
	if ! {
		# A folder that was configured keeps its generator.
		if [ -f "$folder/CMakeCache.txt" ]; then cmake --preset "$preset"; else cmake --preset "$preset" -G "$(generator)"; fi &&
			cmake --build "$folder" --parallel "$(nproc)" ${1:+--target "$@"}
	} >"$folder/build.log" 2>&1; then
		cat "$folder/build.log" >&2
		printf '%s\n' "building $folder failed" >&2
		exit 1
	fi
}
