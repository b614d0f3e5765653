# A small image for the sidecar: one static binary, a numeric user, nothing else.
FROM rust:1-alpine AS build
RUN apk add --no-cache build-base cmake linux-headers ca-certificates
WORKDIR /src
COPY . .
RUN cargo build --release --locked && cp target/release/tiphys /tiphys

FROM scratch
COPY --from=build /tiphys /usr/local/bin/tiphys
# Who registries are believed to be.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
ENV PATH=/usr/local/bin
# Argo CD's own user: the socket's directory belongs to it.
USER 999
ENTRYPOINT ["tiphys"]
CMD ["serve"]
