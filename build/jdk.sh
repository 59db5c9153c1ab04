# To be sourced: find_jdk prints the home of a JDK 25, or fails.
# shellcheck shell=bash

is_jdk() { # reads the release file: starting a JVM to ask it would take longer than all else here
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] && grep -q '^JAVA_VERSION="25[".+-]' "$1/release"
}

candidates() {
  printf '%s\n' "${JAVA25_HOME:-}" "${JAVA_HOME:-}"
  local java
  if java=$(command -v java); then
    java=$(readlink -f "$java" 2>/dev/null || printf '%s' "$java")
    printf '%s\n' "${java%/bin/java}"
  fi
  if [ -r "${HOME:-}/.m2/toolchains.xml" ]; then
    sed -n 's|.*<jdkHome>[[:space:]]*\(.*[^[:space:]]\)[[:space:]]*</jdkHome>.*|\1|p' "$HOME/.m2/toolchains.xml"
  fi
  local place
  for place in /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* /opt/*jdk* "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -d "$place" ] && printf '%s\n' "$place"
  done
  return 0
}

find_jdk() {
  local home
  while IFS= read -r home; do
    if [ -n "$home" ] && is_jdk "$home"; then
      printf '%s' "$home"
      return 0
    fi
  done < <(candidates)
  return 1
}
