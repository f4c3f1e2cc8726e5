//! Hellos built byte by byte, well formed unless a test wants otherwise.

/// `random` of every hello here.
pub(crate) const RANDOM: [u8; 32] = [0xab; 32];

/// A vector with a length of one byte in front.
pub(crate) fn u8_vector(bytes: &[u8]) -> Vec<u8> {
    [&[bytes.len() as u8][..], bytes].concat()
}

/// A vector with a length of two bytes in front.
pub(crate) fn u16_vector(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat()
}

/// A handshake message of the type client_hello.
pub(crate) fn message(body: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = (body.len() as u32).to_be_bytes();
    [&[1][..], &length, body].concat()
}

/// One extension.
pub(crate) fn extension(code: u16, data: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes()[..], &u16_vector(data)].concat()
}

/// The fields behind `random`, each with its length; the extensions as one block or none.
pub(crate) struct Body {
    pub(crate) session_id: Vec<u8>,
    pub(crate) cipher_suites: Vec<u8>,
    pub(crate) compression_methods: Vec<u8>,
    pub(crate) extensions: Vec<u8>,
}

impl Default for Body {
    fn default() -> Self {
        Self {
            session_id: u8_vector(&[]),
            cipher_suites: u16_vector(&[0x13, 0x01]),
            compression_methods: u8_vector(&[0]),
            extensions: Vec::new(),
        }
    }
}

impl Body {
    /// The whole message.
    pub(crate) fn message(&self) -> Vec<u8> {
        message(
            &[
                &[3, 3][..],
                &RANDOM,
                &self.session_id,
                &self.cipher_suites,
                &self.compression_methods,
                &self.extensions,
            ]
            .concat(),
        )
    }
}

/// A message with these extensions, each as [`extension`] makes it.
pub(crate) fn with_extensions(extensions: &[Vec<u8>]) -> Vec<u8> {
    let extensions = u16_vector(&extensions.concat());
    Body {
        extensions,
        ..Body::default()
    }
    .message()
}

/// What a browser sends, more or less: ten extensions, two of them GREASE.
pub(crate) fn typical() -> Vec<u8> {
    let extensions = [
        extension(0x1a1a, &[]),
        extension(
            0,
            &u16_vector(&[&[0][..], &u16_vector(b"www.example.com")].concat()),
        ),
        extension(0xff01, &[0]),
        extension(10, &u16_vector(&[0x2a, 0x2a, 0x11, 0xec, 0, 29, 0, 23])),
        extension(
            16,
            &u16_vector(&[u8_vector(b"h2"), u8_vector(b"http/1.1")].concat()),
        ),
        extension(13, &u16_vector(&[4, 3, 8, 4, 4, 1])),
        extension(
            51,
            &u16_vector(
                &[
                    &[0, 29][..],
                    &u16_vector(&[9; 32]),
                    &[0, 23],
                    &u16_vector(&[4]),
                ]
                .concat(),
            ),
        ),
        extension(43, &u8_vector(&[0x3a, 0x3a, 3, 4, 3, 3])),
        extension(45, &u8_vector(&[1])),
        extension(0x4a4a, &[0]),
    ];
    Body {
        session_id: u8_vector(&[5; 32]),
        cipher_suites: u16_vector(&[0x0a, 0x0a, 0x13, 0x01, 0xc0, 0x2b, 0x00, 0xff]),
        compression_methods: u8_vector(&[0, 1]),
        extensions: u16_vector(&extensions.concat()),
    }
    .message()
}
