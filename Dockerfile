# A small image for the sidecar: one static binary, a numeric user, nothing else.
# Built with glibc: with musl's allocator a render takes a third more time (docs/performance.md).
FROM rust:1-slim AS build
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev ca-certificates
WORKDIR /src
COPY . .
# An interpreter is a loader that the image does not have.
RUN cargo build --release --locked && cp target/release/tiphys /tiphys \
    && readelf --program-headers /tiphys >/headers && ! grep INTERP /headers

FROM scratch
COPY --from=build /tiphys /usr/local/bin/tiphys
# Who registries are believed to be.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
ENV PATH=/usr/local/bin
# Argo CD's own user: the socket's directory belongs to it.
USER 999
ENTRYPOINT ["tiphys"]
CMD ["serve"]
