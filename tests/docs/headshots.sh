# A backdrop is larger than the picture there is; a headshot is large enough.
headroom studio photos --backdrop grey --out made > /dev/null
cp made/kim-grey.jpg lobby.jpg
