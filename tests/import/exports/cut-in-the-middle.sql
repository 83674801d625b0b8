CREATE TABLE `pedido` (`idpedido` int) ENGINE=InnoDB;
INSERT INTO `modelosemails` VALUES (101,'Registro','<p>Prezado(a) ${NOMECONTATO},</p><p>A solicitação ${IDSOLICITACAOSERVICO} foi registrada.</p>','A','registro'),(102,'Prazo','<p>O prazo
