# Makes C arrays of a script and of its SHA-256, by which a page allows it: cmake -DIN=.. -DOUT=.. -P script_to_c.cmake
file(READ "${IN}" hex HEX)
file(SHA256 "${IN}" digest)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," digest "${digest}")
file(WRITE "${OUT}" "#include \"report/html_script.h\"\n\nconst char html_script[] = { ${bytes} 0 };\n"
	"const uint8_t html_script_sha256[HTML_SCRIPT_SHA256] = { ${digest} };\n")
