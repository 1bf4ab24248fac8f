# What the commands of the documentation find: organizations with their owners, and the files that the pages name.
headroom org create --name Acme --owner ada@acme.com --credits 100 > /dev/null
headroom org create --name Globex --owner hank@globex.com > /dev/null
headroom org create --name ORG --owner kim@example.com > /dev/null
cp "$LOBBY" lobby.jpg
mkdir photos
cp "$PICTURES/astronaut.jpg" photos/kim.jpg
printf 'name,email,team\nKim Lee,kim.lee@acme.com,Berlin\nMax Ray,max@acme.com,Berlin\n' > people.csv
printf 'Jo Fox,jo@acme.com\n' > berlin.csv
printf '1;Ana;ana@acme.com\n2;Bo;bo@acme.com\n' > staff.txt

# Where a page writes ID, a page's own script says which one that is.
headroom() {
  local words=() word
  for word; do
    [ "$word" = ID ] && word=$(ID)
    words+=("$word")
  done
  command headroom "${words[@]}"
}
# A table makes the teams it names.
printf 'email,team\ndora@acme.com,Design\nsam@acme.com,Sales\nben@acme.com,Berlin\n' | headroom invite send --org Acme --file - > /dev/null
