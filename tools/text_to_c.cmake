# Makes a C array of a text file: cmake -DIN=.. -DOUT=.. -DNAME=.. -P text_to_c.cmake
file(READ "${IN}" hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE "${OUT}" "extern const char ${NAME}[];\nconst char ${NAME}[] = { ${bytes} 0 };\n")
