# Read by every recorder here: where the pretended cluster's state is, and how a write is recorded.
# A recorder is called as <side>/<node>/sbin/<tool>; the state is <side>/state, shared by all nodes of the side:
#   nodes/<node>/uname          the name as the cluster spells it; the folder is its lower-case form
#   nodes/<node>/online         true, false (left, or fenced) or lost (nobody knows)
#   nodes/<node>/role           Stopped, Unpromoted or Promoted, as Pacemaker would work it out from the history
#   nodes/<node>/lrm.xml        the history of operations, as in a CIB
#   nodes/<node>/{reboot,forever}/<attribute>
#   resource, provider          what is configured
#   writes                      one line for each write: node, name, lifetime, value, changed or same
here=${0%/*}
self=${here%/sbin}
state=${self%/*}/state
self=${self##*/}
resource=${OCF_RESOURCE_INSTANCE%%:*}

folder_of() { # NODE -> folder, whatever the case of its name
  case $1 in
    *[A-Z]*) folder=$state/nodes/$(printf '%s' "$1" | tr 'A-Z' 'a-z') ;;
    *) folder=$state/nodes/$1 ;;
  esac
}

read_value() { # FILE -> value, or false
  [ -f "$1" ] || return 1
  value=
  IFS= read -r value <"$1" || :
}

record() { # NODE NAME LIFETIME VALUE CHANGED
  printf '%s\t%s\t%s\t%s\t%s\n' "$@" >>"$state/writes"
}

update() { # NODE NAME LIFETIME VALUE
  folder_of "$1"
  if [ ! -d "$folder" ]; then
    echo "${0##*/}: Could not map name=$1 to a UUID" >&2
    exit 105
  fi
  file=$folder/$3/$2
  if read_value "$file" && [ "$value" = "$4" ]; then
    record "${folder##*/}" "$2" "$3" "$4" same
  else
    printf '%s\n' "$4" >"$file"
    record "${folder##*/}" "$2" "$3" "$4" changed
  fi
}

delete() { # NODE NAME LIFETIME
  folder_of "$1"
  file=$folder/$3/$2
  if [ -f "$file" ]; then
    rm -f "$file"
    record "${folder##*/}" "$2" "$3" '' changed
  else
    record "${folder##*/}" "$2" "$3" '' same
  fi
}

# A fault that a scenario asked for: the tool of that name fails as long as <side>/state/broken/<tool> exists.
if [ -f "$state/broken/${0##*/}" ]; then
  echo "${0##*/}: Could not connect to the cluster: Transport endpoint is not connected" >&2
  exit 102
fi
